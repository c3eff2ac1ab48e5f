"""What the pages below `/<area>/<strategy>/` share."""

from django.http import Http404

from people.scoping import InAreaMixin
from strategies.models import Area, Strategy


def published_strategy(area: Area, slug: str) -> Strategy:
    """A published plan of the area; anything else answers 404."""
    found = Strategy.objects.published().filter(area=area, slug=slug).first()
    if found is None:
        raise Http404("No such plan.")
    found.area = area
    return found


class _FindStrategy:
    def dispatch(self, request, *args, **kwargs):
        self.strategy = published_strategy(self.area, kwargs["strategy"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """In place of the words of the address, what they name."""
        return super().get_context_data(**{**kwargs, "area": self.area, "strategy": self.strategy})


class InStrategyMixin(InAreaMixin, _FindStrategy):
    """Gives a view `strategy`, after `InAreaMixin` has found `area`, `membership` and `when` and refused the rest."""
