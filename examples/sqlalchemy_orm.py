"""Maps as tables of SQLAlchemy: the ORM, a report in Core, and asyncio. Needs the extra `sqlalchemy`.

python examples/sqlalchemy_orm.py [HOST:PORT ...]

A mapped class is a map, and an object is an entry. Writes take effect at once: there is no rollback.
"""

import asyncio
import sys
from uuid import uuid4

from sqlalchemy import ForeignKey, create_engine, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

ADDRESSES = ",".join(sys.argv[1:] or ["127.0.0.1:5701"])


class Base(DeclarativeBase):
    """Base of the mapped classes."""


class Author(Base):
    """A writer of books. The application makes its key, because members generate none."""

    __tablename__ = "example_authors"
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    """A book with the number of copies in stock."""

    __tablename__ = "example_books"
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    title: Mapped[str]
    copies: Mapped[int]
    author_id: Mapped[str] = mapped_column(ForeignKey(Author.id))
    author: Mapped[Author] = relationship(back_populates="books")


def main() -> None:
    """Store books, change them, and report them."""
    engine = create_engine(f"hazelcast:///?host={ADDRESSES}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(delete(Book))
        session.execute(delete(Author))
        woolf = Author(
            name="Woolf", books=[Book(title="Orlando", copies=3), Book(title="The Waves", copies=1)]
        )
        session.add_all([woolf, Author(name="Joyce", books=[Book(title="Ulysses", copies=2)])])
        session.commit()

    with Session(engine) as session:
        orlando = session.scalars(select(Book).where(Book.title == "Orlando")).one()
        orlando.copies -= 1
        session.commit()
        print(orlando.title, "by", orlando.author.name, "has", orlando.copies, "copies")
        session.execute(update(Book).where(Book.copies < 2).values(copies=10))

    in_stock = (
        select(Author.name, func.sum(Book.copies).label("copies"))
        .join(Author.books)
        .group_by(Author.name)
        .order_by(Author.name)
    )
    with engine.connect() as connection:
        for name, copies in connection.execute(in_stock):
            print(f"{name}: {copies} copies")
    engine.dispose()


async def titles() -> list[str]:
    """Return the titles of all books, read in a task."""
    engine = create_async_engine(f"hazelcast+asyncio:///?host={ADDRESSES}")
    async with AsyncSession(engine) as session:
        found = list(await session.scalars(select(Book.title).order_by(Book.title)))
    await engine.dispose()
    return found


if __name__ == "__main__":
    main()
    print(asyncio.run(titles()))
