using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Where several projections give documents of one type, none is passed over.</summary>
public sealed class ReadModelTests
{
    private static readonly StreamId Dough = new("dough-rye");

    [Fact]
    public async Task All_of_them_are_meant_unless_one_is_named()
    {
        await Weighed(1).ThenReadModel("rye", new Batch("rye", 1)).ThenNoReadModel<string, Batch>("oats");
        await Weighed(5)
            .ThenReadModel("rye", new Batch("rye", 1), projection: "batches")
            .ThenReadModel("rye", new Batch("rye", 5), projection: "kilos")
            .ThenReadModel("rye", new Batch("rye", 5), projection: "kilos@1");
    }

    [Fact]
    public async Task One_that_differs_is_named_with_the_others()
    {
        var failure = await Assert.ThrowsAsync<SpecificationException>(() =>
            Weighed(5).ThenReadModel("rye", new Batch("rye", 1)).Run());

        Assert.Equal(
            """
            The document 'rye' of 'kilos' is not as expected.

            So far
                Given in 'dough-rye': DoughWeighed {"batch":"rye","kilos":5,"litres":3}

            Document (- expected, + actual)
                - doughs: 1
                + doughs: 5

            Matching read models; name one to select it
                'batches', 'kilos'
            """.ReplaceLineEndings("\n"),
            failure.Message);
    }

    [Fact]
    public async Task That_there_is_none_is_true_of_all()
    {
        var failure = await Assert.ThrowsAsync<SpecificationException>(
            () => Weighed(5).ThenNoReadModel<string, Batch>("rye", projection: "kilos").Run());

        Assert.StartsWith("Expected no document 'rye' of 'kilos'.", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SpecificationException>(() => Weighed(5).ThenNoReadModel<string, Batch>("rye").Run());
        await Assert.ThrowsAsync<SpecificationException>(() =>
            Weighed(5).ThenNoReadModel<string, Batch>("rye", "nothing").Run());
    }

    private static HostSpecification Weighed(int kilos) =>
        Specification.ForHost<BakeryModel>().Given(Dough, new DoughWeighed("rye", kilos, 3));
}
