namespace Millrace.Testing;

/// <summary>The documents that a projection made of events, or its error. Each expectation returns it, so that several
/// follow.</summary>
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

    /// <summary>Expects the document of a key, compared as it is stored.</summary>
    /// <exception cref="SpecificationException">There is none, or another; shows where they differ.</exception>
    public ProjectionResult<TKey, TDocument> Then(TKey key, TDocument expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var text = KeyOf(key);
        var want = ValueTree.Parse(_format.Write(expected));
        if (!_documents.TryGetValue(text, out var body))
        {
            throw new SpecificationException(Failed($"'{_name}' has no document '{text}'.")
                .Section("Expected", ValueTree.Text(want)).Section("There are", Keys()).ToString());
        }
        var have = ValueTree.Parse(body);
        if (ValueDifferences.Between(want, have).Count > 0)
        {
            throw new SpecificationException(Failed($"The document '{text}' of '{_name}' is not as expected.")
                .Differences("Document (- expected, + is)", want, have).ToString());
        }
        return this;
    }

    /// <summary>Expects that a key has no document.</summary>
    /// <exception cref="SpecificationException">It has one; shows it.</exception>
    public ProjectionResult<TKey, TDocument> ThenNone(TKey key)
    {
        var text = KeyOf(key);
        return _documents.TryGetValue(text, out var body)
            ? throw new SpecificationException(
                Failed($"'{_name}' was to have no document '{text}'.").Section("But there is", Shown(body)).ToString())
            : this;
    }

    /// <summary>Expects how many documents there are, of all keys.</summary>
    /// <exception cref="SpecificationException">There are more or fewer; shows their keys.</exception>
    public ProjectionResult<TKey, TDocument> ThenCount(int expected)
    {
        RequirePassed();
        return _documents.Count == expected
            ? this
            : throw new SpecificationException(
                Failed($"Expected {expected} documents of '{_name}', but there are {_documents.Count}.")
                    .Section("Keys", Keys()).ToString());
    }

    /// <summary>Expects an error, which would make the event a dead letter, and returns it.</summary>
    /// <exception cref="SpecificationException">Nothing was thrown, or something else.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _thrown as TException ?? throw new SpecificationException(
            Failed($"Expected {typeof(TException).Name} to be thrown, but {Outcome()}.").ToString(), _thrown);

    /// <summary>Folds event by event, as the consumer of the projection does.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="given">
    /// How many of the events happened before; that one of them cannot be folded is the specification's mistake.
    /// </param>
    internal void Fold(Projection<TKey, TDocument> projection, int given)
    {
        var keys = new List<TKey>();
        foreach (var recorded in _history.Record())
        {
            try
            {
                _failedEvent = recorded;
                Millrace.StoredEventTypes.RequireReadable(recorded);
                keys.Clear();
                SplitEventFolder.CollectKeys(projection, recorded, keys);
                foreach (var key in keys)
                    Fold(projection, key, recorded);
            }
#pragma warning disable CA1031 // What the projection throws is what came of it; the expectation that follows judges it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                var place = (int)recorded.Position;
                if (place <= given && exception is not CannotDeserializeException)
                {
                    var fold = new GivenEventFold(_history.RoundTrip, $"the Apply of {projection.GetType().Name}");
                    throw fold.Refused(place, _history.Given[place - 1], exception);
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
        if (SplitEventFolder.Fold(projection, key, before, recorded) is { } after)
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
            // It had one.
            : $"event {_failedEvent!.Position}, '{_failedEvent.Type}', failed: {_thrown.GetType().Name}: "
                + $"{_thrown.Message.TrimEnd('.')}";

    private string Keys() =>
        _documents.Count == 0 ? "none" : string.Join(", ", _documents.Keys.Select(key => $"'{key}'"));

    private static string Shown(byte[] body) => ValueTree.Text(ValueTree.Parse(body));

    private FailureText Failed(string problem) =>
        new FailureText(problem).Events("Given", _history.RoundTrip.Show(_history.Given));
}
