using Bakery;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing.Tests;

/// <summary>Values, events and streams made from what a model says of itself.</summary>
public sealed class GeneratorTests
{
    private static readonly ModelGenerators Bakery = ModelGenerators.Of<BakeryModel>();

    [Fact]
    public void Every_id_that_is_made_is_one() =>
        Prop.ForAll(
                Bakery.Arbitrary<MillId>(),
                Bakery.Arbitrary<TillId>(),
                (mill, till) =>
                {
                    Assert.False(mill.IsDefault);
                    Assert.Equal(till, TillId.Parse(till.ToString()));
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Values_keep_their_rules_also_where_they_are_parts_of_others() =>
        Prop.ForAll(
                Bakery.Arbitrary<Pay>(),
                pay =>
                {
                    Assert.True(pay.Price.Amount > 0);
                    Assert.Matches("^[A-Z]{3}$", pay.Price.Currency.Value);
                    Assert.True(Enum.IsDefined(pay.Kind));
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Every_event_that_is_made_can_be_stored_and_read()
    {
        var trip = new RoundTrip(typeof(BakeryModel).Assembly);
        var types = new HashSet<Type>();
        Prop.ForAll(Bakery.GenerateEvent().Where(one => one is not SackWeighed).ToArbitrary(), made =>
        {
            types.Add(made.GetType());
            var read = Assert.Single(trip.ReadGivenEvents([made], "Made"));
            Assert.Empty(ValueDifferences.Between(trip.Show(made).Members, trip.Show(read).Members));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

        Assert.Contains(typeof(TillPaid), types);
        Assert.Contains(typeof(GrainGround), types);
        Assert.DoesNotContain(typeof(GrainGroundV1), types);
    }

    [Fact]
    public void Optional_members_are_there_and_are_not() =>
        Assert.Equal(
            [false, true],
            Bakery.Generate<TillPaid>().Sample(200).Select(paid => paid.At is null).Distinct().Order());

    [Fact]
    public void Streams_are_of_the_aggregates_and_others()
    {
        var streams = Bakery.GenerateStream().Sample(300);

        Assert.Contains(streams, stream => stream.Category == "till");
        Assert.Contains(streams, stream => stream.Category == "mill");
        Assert.Contains(streams, stream => stream.Category is not ("till" or "mill" or "oven" or "faulty"));
    }

    [Fact]
    public void It_can_be_said_how_a_value_is_made_wherever_it_occurs()
    {
        var pounds = Bakery.With(Gen.Constant(Currency.From("GBP")));

        Assert.All(pounds.Generate<Pay>().Sample(50), pay => Assert.Equal("GBP", pay.Price.Currency.Value));
    }

    [Fact]
    public void What_the_model_does_not_know_is_reported()
    {
        var unknown = Assert.Throws<SpecificationException>(() => Bakery.Generate<Uri>());

        Assert.StartsWith("The model does not serialize Uri", unknown.Message, StringComparison.Ordinal);
    }
}
