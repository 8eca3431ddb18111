using System.Text;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>What a projection made of an event: a document, none, or an error.</summary>
public sealed class ProjectionOutcome
{
    private readonly EventOutcome _outcome;

    private ProjectionOutcome(string? document, Exception? thrown) =>
        (Document, _outcome) = (document, new EventOutcome(thrown));

    /// <summary>The document as JSON; null when there is none.</summary>
    public string? Document { get; }

    /// <summary>Expects that the event was folded without an error.</summary>
    /// <exception cref="SpecificationException">It was not; says why, and holds the error.</exception>
    public void ThenPasses() => _outcome.RequirePassed();

    /// <summary>Expects a document, as the JSON that is stored; null for none.</summary>
    /// <exception cref="SpecificationException">It is another, or the event failed; shows where they
    /// differ.</exception>
    public void ThenDocument(string? expected)
    {
        ThenPasses();
        if (Document == expected)
            return;
        if (Document is null || expected is null)
            throw new SpecificationException(
                $"The document is {Document ?? "not there"}, and not {expected ?? "gone"}.");
        var (want, have) = (JsonNode.Parse(expected), JsonNode.Parse(Document));
        if (ValueDifferences.Between(want, have).Count > 0)
        {
            throw new SpecificationException(
                new FailureText("The document is not as expected.")
                    .Differences("Document (- expected, + is)", want, have)
                    .ToString());
        }
    }

    /// <summary>Expects an error, and returns it.</summary>
    /// <exception cref="SpecificationException">Nothing was thrown, or something else.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _outcome.RequireThrown<TException>();

    internal static ProjectionOutcome Of(Func<byte[]?> fold)
    {
        try
        {
            return new ProjectionOutcome(fold() is { } document ? Encoding.UTF8.GetString(document) : null, null);
        }
#pragma warning disable CA1031 // What the projection throws is what came of it; the expectation that follows judges it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new ProjectionOutcome(null, exception);
        }
    }
}
