using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>An erasure whose keys are destroyed, with what this program still knows about the values.</summary>
/// <param name="Scope">The store.</param>
/// <param name="Request">The request.</param>
/// <param name="Ids">The ids of the destroyed keys.</param>
/// <param name="Trace">The events of the subject, and its values if this program read them before.</param>
internal sealed record ErasureTask(ErasureScope Scope, ErasureRequest Request, KeyIdSet Ids, SubjectTrace Trace)
{
    private const int MaxFindings = 100;

    private readonly SubjectNames _names =
        new(Request.Subject, Trace.OwnStreams.Select(stream => Scope.ToOwn(stream.Value)));

    /// <summary>Gets the values; null if they are not known.</summary>
    public ValueMatcher? Matcher => Trace.Values is { Count: > 0 } values ? values.Matcher : null;

    /// <summary>Gets the text that names the erasure in the reasons of changes.</summary>
    public string Reason => $"erasure {Request.Id}";

    /// <summary>
    /// Returns whether bytes belong to the subject: they name the subject, or a stream with values of this subject
    /// only. The names of others may be longer.
    /// </summary>
    public bool IsNamedIn(ReadOnlySpan<byte> bytes) => _names.AreIn(bytes);

    /// <summary>Returns whether the key of a row, such as the key of a timer, contains a name of the subject.</summary>
    public bool IsNamedByKey(string key) => _names.AreInKey(key);

    /// <summary>Returns whether a stored stream belongs to the subject.</summary>
    public bool IsOfSubject(StreamId stored) =>
        Scope.IsStreamOf(stored, Request.Subject) || IsNamedByKey(Scope.ToOwn(stored.Value));

    /// <summary>Returns whether a dead letter belongs to the subject.</summary>
    public bool IsOfSubject(DeadLetter letter) =>
        Trace.Positions.Contains(letter.Position) || IsOfSubject(letter.Stream);

    /// <summary>
    /// Returns whether a copy has to be changed: it contains a value, and belongs to the subject. A copy that only
    /// contains an equal value may belong to another person, such as the same address of a household.
    /// </summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isOfSubject">True if they belong to the subject, even if they do not name it.</param>
    public bool MustChange(ReadOnlySpan<byte> bytes, bool isOfSubject) =>
        Matcher is { } matcher && matcher.Find(bytes) != ValueMatch.None && (isOfSubject || IsNamedIn(bytes));

    /// <summary>Returns the keys of the snapshots of all streams with events of the subject.</summary>
    public HashSet<string> SnapshotKeys() =>
        Trace.Streams.Select(stream => Scope.ToOwn(stream.Value)).ToHashSet(StringComparer.Ordinal);

    /// <summary>Adds a finding, unless there are too many.</summary>
    public static void Add(List<string> findings, string finding)
    {
        if (findings.Count < MaxFindings)
            findings.Add(finding);
        else if (findings.Count == MaxFindings)
            findings.Add("There are more.");
    }
}
