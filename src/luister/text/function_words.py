"""The small words that tell a language, where a post is too short for anything else to."""

from collections.abc import Mapping

_LISTS: Mapping[str, str] = {
    "nl": """
        de het een en van ik je jij u jullie jou jouw uw wij we ze zij hij hem haar hun mijn m'n z'n zijn ben
        bent was waren wordt worden werd heb hebt heeft hebben had hadden niet geen wel ook nog al maar om op
        te aan bij met voor door uit over naar tot als dan dat dit die deze daar hier er wat wie waar waarom
        wanneer hoe welke zo toch even eens kan kunt kunnen kon moet moeten mag mogen wil wilt willen zou
        zouden zal zullen gaat gaan ging doet doen gedaan komt komen kwam krijg krijgt kregen gekregen iets
        niets niks alles iemand niemand veel meer minder heel erg goed beter best slecht leuk lekker mooi
        jammer helaas bedankt dank graag alsjeblieft aub svp hoi hallo doei goedemorgen goedemiddag dag
        vandaag morgen gisteren week weer nu straks altijd nooit soms vaak sinds uur omdat want terwijl zonder
        tegen tussen onder boven naast binnen buiten echt gewoon lekkere hele beetje ff idd eigenlijk
        natuurlijk misschien trein bestelling klant klantenservice pakket geld wachten vraag antwoord ja nee
        oké prima top klopt snel laat telaat ma nie da wa ge gij efkes amai onze ons mij me zelf hoor joh jaar
        mensen vind vindt vond denk weet zie zien zeg zegt gezegd kijk leuke nieuwe eerste laatste andere
        zoveel
    """,
    "en": """
        the a an and of i you your yours he she it its it's they them their we our my me is are was were be
        been being am have has had do does did not don't doesn't didn't can't won't isn't wasn't i'm i've
        you're that's this that these those there here what who where why when how which to in on at with for
        from by about as but or if then so just still too very really more most than now never always again
        today tomorrow yesterday please thanks thank sorry hi hello hey yes no ok okay great good bad best
        worst love hate nice need want get got getting go going went would could should will can may might
        must any some all every much many one two out up down over after before because while without into u
        ur pls thx flight service customer order help help. time day week working work lol omg wow awesome
        terrible awful amazing money people know think see say said like make made
    """,
    "de": """
        der die das ein eine einen einem einer und ich du er sie es wir ihr mich dich mir dir uns euch mein
        meine dein sein seine ist sind war waren bin bist habe hast hat haben hatte wird werden wurde nicht
        kein keine auch noch schon aber um auf an bei mit für durch aus über nach bis als wenn dann dass dies
        diese dieser da hier was wer wo warum wann wie welche so doch mal kann können muss müssen darf will
        wollen soll sollen würde etwas nichts alles jemand viel mehr sehr gut besser schlecht schön leider
        danke bitte hallo heute morgen gestern wieder jetzt immer nie oft seit uhr weil ohne gegen zwischen
        unter im am zum zur vom beim den dem des ja nein gibt geht macht
    """,
    "fr": """
        le la les un une des et je tu il elle nous vous ils elles mon ma mes ton ta tes son sa ses est sont
        était suis es ai as a avons avez ont pas plus ne que qui quoi où pourquoi quand comment dans sur avec
        pour par de du au aux en ce cette ces ça c'est j'ai n'est d'un d'une qu'il mais ou donc si très bien
        mal bon bonne merci bonjour svp oui non toujours jamais encore aussi tout tous rien quelque être avoir
        fait faire votre vos notre nos leur depuis sans
    """,
    "es": """
        el la los las un una unos y yo tú él ella nosotros ustedes mi mis tu su sus es son era fue soy estoy
        está están he ha han no más que quién qué dónde por porqué cuando cómo en con para de del al se me te
        lo le les esto este esta pero o si muy bien mal bueno buena gracias hola sí siempre nunca también todo
        todos nada ser hay hacer porque sin sobre desde hasta ya mucho puede
    """,
    "it": """
        il lo la i gli le un uno una e io tu lui lei noi voi loro mio mia tuo suo sua è sono era ho hai ha
        abbiamo hanno non più che chi cosa dove perché quando come in con per di del della dei al alla da dal
        si mi ti ci questo questa ma o se molto bene male buono grazie ciao sì sempre mai anche tutto tutti
        niente essere fare nel nella sul
    """,
    "pt": """
        o a os as um uma e eu tu ele ela nós vocês você meu minha seu sua é são era foi estou está não mais
        que quem onde porquê quando como em com para de do da dos das no na nos nas se me isso este esta mas
        ou muito bem mal bom boa obrigado obrigada olá sim sempre nunca também tudo nada ser fazer pelo pela
        já
    """,
    "da": """
        det den en et og jeg du han hun vi i de mig dig os min mit din dit er var har havde ikke ingen også
        men om på til af med for fra hvad hvem hvor hvorfor hvornår hvordan som at der her kan skal vil må
        blev bliver meget godt dårlig tak hej ja nej aldrig altid igen nu lige noget alle efter uden fordi jer
        jeres være nogen
    """,
    "sv": """
        det den en ett och jag du han hon vi ni de mig dig oss min mitt din ditt är var har hade inte ingen
        också men om på till av med för från vad vem varför när hur som att där här kan ska vill måste blev
        blir mycket bra dålig tack hej ja nej aldrig alltid igen nu något alla efter utan eftersom någon
    """,
    "no": """
        det den en et og jeg du han hun vi dere de meg deg oss min mitt din ditt er var har hadde ikke ingen
        også men om på til av med for fra hva hvem hvor hvorfor når hvordan som at der her kan skal vil må ble
        blir veldig bra dårlig takk hei ja nei aldri alltid igjen nå noe alle etter uten fordi være noen
    """,
    "fi": """
        on ja ei en se hän minä sinä me te he että mutta kun jos niin myös vain ovat oli olen olet ole kiitos
        hei miksi
    """,
    "tr": """
        bir ve bu şu o ben sen biz siz onlar benim senin bizim sizin için ile de da mi mı mu mü ne kim nerede
        neden nasıl değil var yok çok daha en ama veya gibi kadar her hiç şey evet hayır teşekkürler merhaba
        lütfen iyi kötü güzel oldu olan olarak sonra önce artık yine bile
    """,
    "pl": """
        i w na z do nie się to jest że jak co kto gdzie dlaczego kiedy ja ty on ona my wy oni mój moja twój są
        był była ale czy dla po od za przez bardzo dobrze źle dziękuję cześć tak tylko już jeszcze może przy
    """,
    "id": """
        yang dan di ke dari ini itu saya aku kamu anda dia kami kita mereka tidak bukan ada adalah akan sudah
        belum untuk dengan pada juga atau tapi karena kalau apa siapa mana kenapa kapan bagaimana bisa sangat
        banget lebih terima kasih tolong selamat pagi ya gak nggak udah aja lagi sama jadi kok nya
    """,
    "fy": """
        it de in en fan ik do jo hy sy wy se myn dyn syn is binne wie hat ha net gjin ek mar op te oan by mei
        foar troch út oer nei dat dit dy hjir wat wa wêr hoe kin moat wol sil giet tige goed tank asjeblyft
    """,
}

LANGUAGES_OF: dict[str, tuple[str, ...]] = {}
"""The languages a small word belongs to."""

for _lang, _words in _LISTS.items():
    for _word in dict.fromkeys(_words.split()):
        LANGUAGES_OF[_word] = (*LANGUAGES_OF.get(_word, ()), _lang)
