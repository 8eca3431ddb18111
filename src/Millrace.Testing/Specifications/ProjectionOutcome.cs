using System.Text;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>The result of a projection for an event: a document, none, or an exception.</summary>
public sealed class ProjectionOutcome
{
    private readonly EventOutcome _outcome;

    private ProjectionOutcome(string? document, Exception? thrown) =>
        (Document, _outcome) = (document, new EventOutcome(thrown));

    /// <summary>Gets the document as JSON; null if there is none.</summary>
    public string? Document { get; }

    /// <summary>Expects that the event was folded without an error.</summary>
    /// <exception cref="SpecificationException">The event was not folded. The message and the inner exception contain
    /// the reason.</exception>
    public void ThenPasses() => _outcome.RequirePassed();

    /// <summary>Expects a document in its stored JSON form; null for none.</summary>
    /// <exception cref="SpecificationException">The document differs, or the event failed. The message contains the
    /// differences.</exception>
    public void ThenDocument(string? expected)
    {
        ThenPasses();
        if (Document == expected)
            return;
        if (Document is null || expected is null)
            throw new SpecificationException(
                $"The document is {Document ?? "missing"}, but expected {expected ?? "none"}.");
        var want = JsonNode.Parse(expected);
        var have = JsonNode.Parse(Document);
        if (ValueDifferences.Between(want, have).Count > 0)
        {
            throw new SpecificationException(
                new FailureText("The document is not as expected.")
                    .Differences("Document (- expected, + actual)", want, have)
                    .ToString());
        }
    }

    /// <summary>Expects an exception, and returns it.</summary>
    /// <exception cref="SpecificationException">No exception or another one was thrown.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _outcome.RequireThrown<TException>();

    internal static ProjectionOutcome Of(Func<byte[]?> fold)
    {
        try
        {
            return new ProjectionOutcome(fold() is { } document ? Encoding.UTF8.GetString(document) : null, null);
        }
#pragma warning disable CA1031 // The exception is the result of the step; the following expectation checks it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new ProjectionOutcome(null, exception);
        }
    }
}
