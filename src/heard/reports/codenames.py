"""Code names: two harmless words, so that a title or a calendar says nothing."""

import secrets

FIRST = """amber ample apricot autumn azure birch bright brisk bronze calm candid cedar chalk clear clover cobalt copper
coral cosy crisp curious dapper dawn deep dewy eager early ebony elder ember even fair fern fine fleet floral fond frosty
gentle ginger glad golden grand green hazel heather honest humble indigo ivory jade jolly keen kind lemon light lilac linen
little lively loyal lucid lunar maple marble mellow merry mild mint misty modest mossy neat noble north ochre olive opal
open orchid pale patient pearl plain plum polite prime proud quick quiet rapid ready regal robust rosy ruby russet sable
saffron sandy sage scarlet serene silent silver simple slate smooth snowy soft solar steady still summer sunny swift teal
tender tidy topaz tranquil true velvet vivid warm wheat willow winter wise woven young zesty""".split()  # noqa: SIM905 (a list of lines would hide the words)
SECOND = """acorn anchor antelope apple arbor arrow aspen aster badger bamboo banyan barley basil bay beacon bear beaver
bell bison blossom bluebird bramble breeze bridge brook buffalo canyon canoe castle cherry cliff comet compass coot cove
crane creek cricket crocus curlew daisy deer delta dolphin dove dragonfly dune eagle egret elk falcon feather fennel ferry
field finch fjord forest fountain fox garden gazelle glacier grove gull harbour hare harvest heron hill hollow ibis iris
island ivy jasmine jay juniper kestrel kite koala lagoon lake lantern lark lichen lily linnet lotus lynx magnolia mallow
marten meadow mesa moose mountain myrtle nectar nettle nightingale oak oasis ocean orchard oriole osprey otter owl palm
panda peach pebble pelican pine plover pond poplar poppy prairie quail quartz rabbit raven reed reef river robin rowan
seal shore sparrow spring spruce squirrel starling stone stork swallow swan tern thistle thrush tiger toucan tulip turtle
valley vireo walnut wave whale wren yarrow zebra""".split()  # noqa: SIM905


def draw(numbered: bool = False) -> str:
    """Return a code name at random; a number makes it one of very many."""
    name = f"{secrets.choice(FIRST).capitalize()} {secrets.choice(SECOND).capitalize()}"
    return f"{name} {secrets.randbelow(9000) + 1000}" if numbered else name
