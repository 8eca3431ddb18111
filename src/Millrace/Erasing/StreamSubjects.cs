using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>
/// Finds the subjects of values whose events do not name a subject, because the member with its id was added later: the
/// subjects that the first event of the stream names, if the application declares this for the category.
/// </summary>
/// <param name="scope">The store.</param>
internal sealed class StreamSubjects(ErasureScope scope)
{
    private const int MaxStreams = 10_000;

    private readonly Dictionary<StreamId, IReadOnlyList<string>> _found = []; // The first event never changes.

    /// <summary>Returns one subject of each type; none for a type with several subjects.</summary>
    /// <param name="stream">The stored name of the stream.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<string>> Find(StreamId stream, CancellationToken cancellationToken)
    {
        var category = new StreamId(scope.ToOwn(stream.Value)).Category;
        if (!scope.Protection.Model.CategoriesOfOneSubject.Contains(category))
            return [];
        if (_found.TryGetValue(stream, out var known))
            return known;
        var subjects = await Read(stream, cancellationToken).ConfigureAwait(false);
        if (_found.Count == MaxStreams)
            _found.Clear();
        _found.Add(stream, subjects);
        return subjects;
    }

    private async ValueTask<IReadOnlyList<string>> Read(StreamId stream, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(stream, From: 1, IsBackwards: false, Limit: 1);
        var page = await scope.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        if (page.Events is not [var first] || scope.Protection.Model.OfEvent(first.Type) is not { } marks)
            return [];
        var context = scope.Protection.Scope.OfEvent(first.Type, first.Stream, first.Id);
        try
        {
            var values = MarkedValueLocator.FindStored(
                first.JsonPayload.Span, marks, DataSubject.OfStream(context.Owner), first.Type);
            return
            [
                .. values
                    .Where(value => value.Mark.SubjectType is not null && value.Subject != MarkedValue.NoSubject)
                    .GroupBy(value => value.Mark.SubjectType, value => value.Subject, StringComparer.Ordinal)
                    .Where(type => type.Distinct(StringComparer.Ordinal).Count() == 1)
                    .Select(type => type.First()),
            ];
        }
        catch (ProtectedValueException)
        {
            return [];
        }
    }
}
