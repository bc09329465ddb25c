"""A layout in lines: what does not fit on one line is spread over two or more, of much the same length."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """Items in lines, each as wide as it would like to be; those that expand share what is left of their line.

    Between items is its `spacing`, between lines half of that.

    Args:
        parent: Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        """Appends an item."""
        self._items.append(item)

    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """An item; None beyond the last one."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Takes an item out; None beyond the last one."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It wants no more height than its lines."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Pixels of all lines in so many pixels of width."""
        margins = self.contentsMargins()
        lines = self._lines(width - margins.left() - margins.right())
        heights = sum(map(_height, lines)) + self._gap() // 2 * max(0, len(lines) - 1)
        return heights + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        """All in one line."""
        width = sum(item.sizeHint().width() + self._gap() for item in self._seen())
        return self._with_margins(width, max((item.sizeHint().height() for item in self._seen()), default=0))

    def minimumSize(self) -> QSize:
        """An item on each line."""
        width = max((item.minimumSize().width() for item in self._seen()), default=0)
        return self._with_margins(width, max((item.minimumSize().height() for item in self._seen()), default=0))

    def setGeometry(self, rect: QRect) -> None:
        """Places the items."""
        super().setGeometry(rect)
        area = rect.marginsRemoved(self.contentsMargins())
        top = area.top()
        for line in self._lines(area.width()):
            wide = [item for item in line if item.expandingDirections() & Qt.Orientation.Horizontal]
            taken = sum(item.sizeHint().width() for item in line) + self._gap() * (len(line) - 1)
            more, left = max(0, area.width() - taken), area.left()
            for item in line:
                share = more // len(wide) if item in wide else 0
                width = min(item.sizeHint().width() + share, area.width())
                place = QRect(left, top, width, _height(line))
                left += width + self._gap()
                if self.parentWidget().isRightToLeft():
                    place.moveRight(area.left() + area.right() - place.left())
                item.setGeometry(place)
            top += _height(line) + self._gap() // 2

    def _seen(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        """As few lines as there can be, and of those the ones that are most alike in length."""
        items, gap = self._seen(), self._gap()
        if not items:
            return []
        ends = list(itertools.accumulate(item.sizeHint().width() + gap for item in items))
        lengths = sorted({end - start - gap for start, end in itertools.combinations([0, *ends], 2)})
        fewest = len(self._filled(items, width))
        length = next((length for length in lengths if len(self._filled(items, length)) <= fewest), width)
        return self._filled(items, min(length, width))

    def _filled(self, items: list[QLayoutItem], width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = -1
        for item in items:
            needed = item.sizeHint().width()
            if not lines or needed > left:
                lines.append([])
                left = width
            lines[-1].append(item)
            left -= needed + self._gap()
        return lines

    def _gap(self) -> int:
        return max(0, self.spacing())

    def _with_margins(self, width: int, height: int) -> QSize:
        margins = self.contentsMargins()
        return QSize(width + margins.left() + margins.right(), height + margins.top() + margins.bottom())


def _height(line: list[QLayoutItem]) -> int:
    return max(item.sizeHint().height() for item in line)
