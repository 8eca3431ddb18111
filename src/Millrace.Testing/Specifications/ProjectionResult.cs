using Millrace.Projecting;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// The documents that a projection created from events, or its exception. Each expectation returns the result, so that
/// calls can be chained.
/// </summary>
public sealed class ProjectionResult<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly History _history;
    private readonly DocumentFormat<TKey, TDocument> _format;
    private readonly string _name;
    private readonly SortedDictionary<string, byte[]> _documents = new(StringComparer.Ordinal);
    private Exception? _thrown;
    private RecordedEvent? _failedEvent;

    internal ProjectionResult(History history, ProjectionDefinition<TKey, TDocument> definition) =>
        (_history, _format, _name) = (history, new DocumentFormat<TKey, TDocument>(definition), definition.Collection);

    /// <summary>Expects the document of a key. The documents are compared in their stored form.</summary>
    /// <exception cref="SpecificationException">The document is missing or differs. The message contains the
    /// differences.</exception>
    public ProjectionResult<TKey, TDocument> Then(TKey key, TDocument expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var text = KeyOf(key);
        var expectedTree = ValueTree.Parse(_format.Write(expected));
        if (!_documents.TryGetValue(text, out var body))
        {
            throw new SpecificationException(Failed($"'{_name}' has no document '{text}'.")
                .Section("Expected", ValueTree.Text(expectedTree)).Section("There are", Keys()).ToString());
        }
        var actualTree = ValueTree.Parse(body);
        if (ValueDifferences.Between(expectedTree, actualTree).Count > 0)
        {
            throw new SpecificationException(Failed($"The document '{text}' of '{_name}' is not as expected.")
                .Differences("Document (- expected, + actual)", expectedTree, actualTree).ToString());
        }
        return this;
    }

    /// <summary>Expects that a key has no document.</summary>
    /// <exception cref="SpecificationException">The key has a document. The message contains the document.</exception>
    public ProjectionResult<TKey, TDocument> ThenNone(TKey key)
    {
        var text = KeyOf(key);
        return _documents.TryGetValue(text, out var body)
            ? throw new SpecificationException(
                Failed($"Expected no document '{text}' of '{_name}'.").Section("Actual", Display(body)).ToString())
            : this;
    }

    /// <summary>Expects the total number of documents.</summary>
    /// <exception cref="SpecificationException">The number differs. The message contains the keys.</exception>
    public ProjectionResult<TKey, TDocument> ThenCount(int expected)
    {
        RequirePassed();
        return _documents.Count == expected
            ? this
            : throw new SpecificationException(
                Failed($"Expected {expected} documents of '{_name}', but there are {_documents.Count}.")
                    .Section("Keys", Keys()).ToString());
    }

    /// <summary>Expects an exception and returns it. In an application, the event would become a dead letter.</summary>
    /// <exception cref="SpecificationException">The projection threw no exception or another exception.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _thrown as TException ?? throw new SpecificationException(
            Failed($"Expected {typeof(TException).Name} to be thrown, but {Outcome()}.").ToString(), _thrown);

    /// <summary>Folds the events one by one, like the projection's consumer.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="givenCount">The number of earlier events. If one of them cannot be folded, the specification is
    /// wrong.</param>
    internal void Fold(Projection<TKey, TDocument> projection, int givenCount)
    {
        var keys = new List<TKey>();
        foreach (var recorded in _history.Record())
        {
            try
            {
                _failedEvent = recorded;
                projection.FindKeys(recorded, keys);
                foreach (var key in keys)
                    Fold(projection, key, recorded);
            }
#pragma warning disable CA1031 // The exception is the result of the step; the following expectation checks it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                var number = (int)recorded.Position;
                if (number <= givenCount && exception is not CannotDeserializeException)
                {
                    var fold = new GivenEventFold(_history.RoundTrip, $"the Apply of {projection.GetType().Name}");
                    throw fold.CreateError(number, _history.Given[number - 1], exception);
                }
                _thrown = exception;
                return;
            }
        }
    }

    private void Fold(Projection<TKey, TDocument> projection, TKey key, RecordedEvent recorded)
    {
        var text = _format.KeyText(key);
        var before = _documents.TryGetValue(text, out var body) ? _format.Read(body) : null;
        if (projection.FoldParts(key, before, recorded) is { } after)
            _documents[text] = _format.Write(after);
        else
            _documents.Remove(text);
    }

    private string KeyOf(TKey key)
    {
        RequirePassed();
        return _format.KeyText(key);
    }

    private void RequirePassed()
    {
        if (_thrown is not null)
            throw new SpecificationException(Failed($"Expected a document, but {Outcome()}.").ToString(), _thrown);
    }

    private string Outcome() =>
        _thrown is null
            ? "every event passed"
            // Not null: an event failed.
            : $"event {_failedEvent!.Position}, '{_failedEvent.Type}', failed: {_thrown.GetType().Name}: "
                + $"{_thrown.Message.TrimEnd('.')}";

    private string Keys() =>
        _documents.Count == 0 ? "none" : string.Join(", ", _documents.Keys.Select(key => $"'{key}'"));

    private static string Display(byte[] body) => ValueTree.Text(ValueTree.Parse(body));

    private FailureText Failed(string problem) =>
        new FailureText(problem).Events("Given", _history.RoundTrip.Display(_history.Given));
}
