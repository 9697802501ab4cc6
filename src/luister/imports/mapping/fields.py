"""What a column can hold, and how such columns are called in files that people bring."""

from enum import StrEnum
from typing import Final


class Target(StrEnum):
    """What a column is; the names are those of `luister match` where it has them."""

    ID = "id"
    TEXT = "text"
    TITLE = "title"
    PUBLISHED_AT = "published_at"
    TIME = "time"  # the clock, where the date stands in a column of its own
    AUTHOR = "author"
    AUTHOR_NAME = "author_name"
    EMAIL = "email"
    PHONE = "phone"
    INBOUND = "inbound"
    RECIPIENT = "recipient"
    BRAND = "brand"
    THREAD = "thread"
    IN_REPLY_TO = "in_reply_to"
    NETWORK = "network"
    TYPE = "type"
    PUBLIC = "public"
    URL = "url"
    LINKS = "links"
    LANG = "lang"
    SENTIMENT = "sentiment"
    SAYS = "says"
    TOPICS = "topics"
    LABELS = "labels"
    RATING = "rating"
    REACH = "reach"
    FOLLOWERS = "followers"


# Names in lower case, without anything but letters and digits.
NAMES: Final[dict[Target, tuple[str, ...]]] = {
    Target.ID: (
        "id", "postid", "tweetid", "berichtid", "messageid", "externalid", "externeid", "statusid", "commentid",
        "reviewid", "nummer", "idstr",
    ),
    Target.TEXT: (
        "text", "tekst", "bericht", "berichttekst", "message", "body", "content", "inhoud", "fulltext", "tweet",
        "comment", "reactie", "opmerking", "review", "reviewtext", "recensie", "vraag", "beoordelingstekst", "snippet",
    ),
    Target.TITLE: ("title", "titel", "subject", "onderwerp", "kop", "headline", "reviewtitle"),
    Target.PUBLISHED_AT: (
        "publishedat", "createdat", "date", "datum", "datumtijd", "datetime", "timestamp", "published", "created",
        "geplaatstop", "geplaatst", "publicatiedatum", "verzondenop", "verzonden", "sentat", "posted", "postedat",
        "aangemaakt", "aangemaaktop", "ontvangen", "ontvangenop", "tijdstip", "creationdate", "reviewdate",
    ),
    Target.TIME: ("time", "tijd", "hour", "uur"),
    Target.AUTHOR: (
        "author", "auteur", "authorid", "username", "gebruikersnaam", "gebruiker", "user", "handle", "screenname",
        "from", "van", "sender", "afzender", "account", "userid", "klant", "klantid", "customer", "customerid",
    ),
    Target.AUTHOR_NAME: (
        "authorname", "naam", "name", "auteurnaam", "naamauteur", "displayname", "weergavenaam", "fullname",
        "volledigenaam", "klantnaam", "naamklant", "customername", "sendername", "naamafzender",
    ),
    Target.EMAIL: ("email", "emailadres", "mail", "mailadres", "emailaddress", "fromemail", "emailfrom"),
    Target.PHONE: ("phone", "telefoon", "telefoonnummer", "phonenumber", "mobiel", "mobile", "nummertelefoon", "tel"),
    Target.INBOUND: ("inbound", "inkomend", "direction", "richting", "incoming"),
    Target.RECIPIENT: ("recipient", "ontvanger", "to", "aan", "geadresseerde"),
    Target.BRAND: ("brand", "merk", "brandname", "merknaam", "company", "bedrijf", "organisatie", "organisation"),
    Target.THREAD: (
        "thread", "threadid", "draad", "draadid", "conversation", "conversationid", "gesprek", "gesprekid", "dialog",
        "conversatie", "conversatieid", "ticket", "ticketid", "case", "caseid", "zaak", "zaaknummer", "dialogueid",
    ),
    Target.IN_REPLY_TO: (
        "inreplyto", "inresponsetotweetid", "antwoordop", "reactieop", "replyto", "parent", "parentid",
        "inreplytostatusid", "inreplytoid", "inreplytotweetid",
    ),
    Target.NETWORK: ("network", "netwerk", "platform", "kanaal", "channel", "bron", "source", "medium"),
    Target.TYPE: ("type", "soort", "posttype", "kind", "berichttype"),
    Target.PUBLIC: ("public", "openbaar", "ispublic", "visibility", "zichtbaarheid"),
    Target.URL: ("url", "link", "permalink", "adres", "weblink", "posturl"),
    Target.LINKS: ("links", "urls"),
    Target.LANG: ("lang", "language", "taal"),
    Target.SENTIMENT: ("sentiment", "stemming", "airlinesentiment", "toon"),
    Target.SAYS: ("says", "intent", "intentie"),
    Target.TOPICS: ("topics", "topic", "themas", "thema"),
    Target.LABELS: ("labels", "label", "tags", "tag", "etiketten"),
    Target.RATING: ("rating", "stars", "sterren", "score", "cijfer", "beoordeling", "waardering"),
    Target.REACH: ("reach", "bereik", "views", "weergaven", "impressions"),
    Target.FOLLOWERS: ("followers", "volgers", "followerscount", "aantalvolgers", "followercount"),
}  # fmt: skip

# What belongs to the layout of `luister match` and has no place in a post that is stored.
UNUSED: Final = frozenset({"media", "edited"})
TWITTER_SUPPORT: Final = frozenset(
    {"tweet_id", "author_id", "inbound", "created_at", "text", "in_response_to_tweet_id"}
)
