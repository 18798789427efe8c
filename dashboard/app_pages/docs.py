"""Docs: the documentation of a checkout, its links and pictures as they are."""

import streamlit as st

from dashboard.docs.texts import FIRST, documents, parts_of, title_of
from dashboard.shared.links import unknown
from dashboard.shared.show import name_page, show_link_faults

known = documents()
asked = st.query_params.get("text")
if asked is not None and asked not in known:
    show_link_faults([unknown("text", asked, known)])
name = asked if asked in known else FIRST
title = title_of(known[name])
name_page("Docs", "" if name == FIRST else title)
if name != FIRST:
    st.page_link("app_pages/docs.py", label="All documentation", icon=":material/arrow_back:")
with st.container(key="docs", width=860):
    for text, picture in parts_of(name, known):
        if picture:
            st.image(picture, caption=text)
        elif text.strip():
            st.markdown(text)
