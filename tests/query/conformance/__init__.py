"""The specification, sentence by sentence, as (query, post, whether it finds that post); a post is its text or a dict.

Ages count from NOW, the day on which clocks in Amsterdam, where the reader is, go from 2:00 to 3:00.
"""
