namespace Millrace.Erasing;

/// <summary>An erasure whose keys are destroyed, with what this program still knows about the values.</summary>
/// <param name="Scope">The store.</param>
/// <param name="Request">The request.</param>
/// <param name="Ids">The ids of the destroyed keys.</param>
/// <param name="Trace">The events of the subject, and its values if this program read them before.</param>
internal sealed record ErasureTask(ErasureScope Scope, ErasureRequest Request, KeyIdSet Ids, SubjectTrace Trace)
{
    private const int MaxFindings = 100;

    private readonly byte[] _subject = System.Text.Encoding.UTF8.GetBytes(Request.Subject);

    /// <summary>Gets the values; null if they are not known.</summary>
    public ValueMatcher? Matcher => Trace.Values is { Count: > 0 } values ? values.Matcher : null;

    /// <summary>Gets the text that names the erasure in the reasons of changes.</summary>
    public string Reason => $"erasure {Request.Id}";

    /// <summary>Returns whether stored bytes name the subject, and not only a subject with a longer name.</summary>
    public bool IsNamedIn(ReadOnlySpan<byte> bytes)
    {
        var start = 0;
        while (bytes[start..].IndexOf(_subject) is >= 0 and var index)
        {
            start += index;
            var end = start + _subject.Length;
            if ((start == 0 || !IsNameByte(bytes[start - 1])) && (end == bytes.Length || !IsNameByte(bytes[end])))
                return true;
            start = end;
        }
        return false;
    }

    private static bool IsNameByte(byte value) =>
        char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_' || value >= 0x80;

    /// <summary>
    /// Returns how bytes contain a value. A common value counts as a value of the subject if the row names the subject.
    /// </summary>
    public ValueMatch Find(ReadOnlySpan<byte> bytes, bool isOfSubject)
    {
        var match = Matcher?.Find(bytes) ?? ValueMatch.None;
        return match == ValueMatch.Common && isOfSubject ? ValueMatch.Distinctive : match;
    }

    /// <summary>Adds a finding, unless there are too many.</summary>
    public static void Add(List<string> findings, string finding)
    {
        if (findings.Count < MaxFindings)
            findings.Add(finding);
        else if (findings.Count == MaxFindings)
            findings.Add("There are more.");
    }
}
