using System.Text;
using System.Text.Json.Nodes;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>The result of a projection for an event: a document, no document or an exception.</summary>
public sealed class ProjectionOutcome
{
    private readonly EventOutcome _outcome;

    private ProjectionOutcome(string? document, Exception? thrown) =>
        (Document, _outcome) = (document, new EventOutcome(thrown));

    /// <summary>Gets the document as JSON, or null if there is no document.</summary>
    public string? Document { get; }

    /// <summary>Expects that the projection folds the event without an error.</summary>
    /// <exception cref="SpecificationException">The projection failed. The message and the inner exception contain the
    /// reason.</exception>
    public void ThenPasses() => _outcome.RequirePassed();

    /// <summary>Expects a document in its stored JSON form. Pass null to expect no document.</summary>
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
        var expectedTree = JsonNode.Parse(expected);
        var actualTree = JsonNode.Parse(Document);
        if (ValueDifferences.Between(expectedTree, actualTree).Count > 0)
        {
            throw new SpecificationException(
                new FailureText("The document is not as expected.")
                    .Differences("Document (- expected, + actual)", expectedTree, actualTree)
                    .ToString());
        }
    }

    /// <summary>Expects an exception and returns it.</summary>
    /// <exception cref="SpecificationException">The projection threw no exception or another exception.</exception>
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
