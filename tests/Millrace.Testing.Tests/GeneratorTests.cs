using Bakery;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing.Tests;

/// <summary>Tests the generators of values, events and streams of a model.</summary>
public sealed class GeneratorTests
{
    private static readonly ModelGenerators Bakery = ModelGenerators.Of<BakeryModel>();

    [Fact]
    public void Every_generated_id_is_valid() =>
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
    public void Generated_members_satisfy_their_rules() =>
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
    public void Every_generated_event_can_be_stored_and_read()
    {
        var roundTrip = new RoundTrip(typeof(BakeryModel).Assembly);
        var types = new HashSet<Type>();
        Prop.ForAll(Bakery.GenerateEvent().Where(candidate => candidate is not SackWeighed).ToArbitrary(), generated =>
        {
            types.Add(generated.GetType());
            var read = Assert.Single(roundTrip.ReadGivenEvents([generated], "Made"));
            Assert.Empty(
                ValueDifferences.Between(roundTrip.Display(generated).Members, roundTrip.Display(read).Members));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

        Assert.Contains(typeof(TillPaid), types);
        Assert.Contains(typeof(GrainGround), types);
        Assert.DoesNotContain(typeof(GrainGroundV1), types);
    }

    [Fact]
    public void Optional_members_are_generated_with_and_without_a_value() =>
        Assert.Equal(
            [false, true],
            Bakery.Generate<TillPaid>().Sample(200).Select(paid => paid.At is null).Distinct().Order());

    [Fact]
    public void Streams_of_aggregates_and_other_streams_are_generated()
    {
        var streams = Bakery.GenerateStream().Sample(300);

        Assert.Contains(streams, stream => stream.Category == "till");
        Assert.Contains(streams, stream => stream.Category == "mill");
        Assert.Contains(streams, stream => stream.Category is not ("till" or "mill" or "oven" or "faulty"));
    }

    [Fact]
    public void A_custom_generator_is_used_wherever_its_type_occurs()
    {
        var pounds = Bakery.With(Gen.Constant(Currency.From("GBP")));

        Assert.All(pounds.Generate<Pay>().Sample(50), pay => Assert.Equal("GBP", pay.Price.Currency.Value));
    }

    [Fact]
    public void A_type_outside_the_model_is_reported()
    {
        var unknown = Assert.Throws<SpecificationException>(() => Bakery.Generate<Uri>());

        Assert.StartsWith("The model does not serialize Uri", unknown.Message, StringComparison.Ordinal);
    }
}
