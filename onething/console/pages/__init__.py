"""Pages; each module registers its own by ``register()``, and is found by lying here.

A page asks the gateway only, and draws with the words of ``elements``::

    def register() -> None:
        @console_page("/departments/{code}/inbox", Words("待办", "Inbox"))
        async def inbox(code: str) -> None:
            retitle(f"{code} {t('待办', 'inbox')}")
            await server_table(COLUMNS, partial(rows, code), caption=t("待办", "inbox"), filters=FILTERS)


    async def rows(code: str, wanted: Wanted) -> Rows:
        found = await hub().get(f"/v1/departments/{segment(code)}/assignments", **wanted.query())
        return Rows(found["assignments"], found["next_page"])

Cells and facts are text or ``markup`` (``link_markup``, ``badge_markup``, ``mono``) wherever they can: then all rows
are one element of the page; a function as a cell draws elements of its own, for buttons and fields.

What is fetched once is drawn by ``states.loaded(fetch, build)``: a skeleton meanwhile, a refusal with retry. A page
that people look for gives ``group`` and ``order`` and stands in the navigation; ``{name}`` in its path is a parameter
of the function, others come from the query.
"""
