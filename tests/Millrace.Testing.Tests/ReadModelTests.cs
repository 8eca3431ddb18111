using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Tests expectations on several projections with documents of the same type.</summary>
public sealed class ReadModelTests
{
    private static readonly StreamId Dough = new("dough-rye");

    [Fact]
    public async Task All_projections_are_checked_unless_the_expectation_names_one()
    {
        await Weighed(1).ThenReadModel("rye", new Batch("rye", 1)).ThenNoReadModel<string, Batch>("oats");
        await Weighed(5)
            .ThenReadModel("rye", new Batch("rye", 1), projection: "batches")
            .ThenReadModel("rye", new Batch("rye", 5), projection: "kilos")
            .ThenReadModel("rye", new Batch("rye", 5), projection: "kilos@1");
    }

    [Fact]
    public async Task A_different_document_is_reported_with_all_projections()
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
    public async Task A_missing_document_is_expected_of_all_projections()
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
