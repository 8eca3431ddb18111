using System.Text;

namespace Millrace.Erasing;

/// <summary>The result of the verification of one place.</summary>
/// <param name="task">The erasure.</param>
/// <param name="general">The values that rows of others contain too; null if no value is known.</param>
internal sealed class VerifiedLocation(ErasureTask task, GeneralValues? general)
{
    private const int MaxOnStack = 512;

    private readonly List<string> _findings = [];
    private readonly List<(string Row, List<string> Values)> _commonRows = []; // Rows of the subject.
    private readonly List<string> _values = []; // The common values in the current row of the subject.
    private long _common;

    public long Rows { get; set; }

    /// <summary>Finds values in a part of the current row.</summary>
    public ValueMatch Find(ReadOnlySpan<byte> bytes, bool isOfSubject)
    {
        var match = task.Matcher?.Find(bytes) ?? ValueMatch.None;
        if (match == ValueMatch.None || general is null)
            return match;
        var isOwn = isOfSubject || task.IsNamedIn(bytes);
        if (match == ValueMatch.Common && isOwn)
            _values.AddRange(general.In(bytes));
        else if (match == ValueMatch.Common)
            general.Add(bytes);
        return isOwn ? match | ValueMatch.OfSubject : match;
    }

    public ValueMatch Find(string text, bool isOfSubject)
    {
        Span<byte> bytes = stackalloc byte[MaxOnStack];
        return Encoding.UTF8.TryGetBytes(text, bytes, out var length)
            ? Find(bytes[..length], isOfSubject)
            : Find(Encoding.UTF8.GetBytes(text), isOfSubject);
    }

    public void Report(string finding) => ErasureTask.Add(_findings, finding);

    /// <summary>Ends a row.</summary>
    public void Count(ValueMatch match, string row)
    {
        if ((match & ValueMatch.Distinctive) != 0)
            Report((match & ValueMatch.OfSubject) != 0
                ? $"{row}: it contains a value of the subject"
                : $"{row}: it contains a value of the subject, but may belong to another person");
        else if ((match & ValueMatch.OfSubject) != 0)
            _commonRows.Add((row, [.. _values]));
        else if (match == ValueMatch.Common)
            _common++;
        _values.Clear();
    }

    /// <summary>Returns the result, after all places were read.</summary>
    public ErasureLocation ToLocation(string name, string method, long matches)
    {
        foreach (var (row, values) in _commonRows)
        {
            if (general?.ContainsAll(values) == true)
                _common++;
            else
                Report($"{row}: it contains a value of the subject");
        }
        return new(name, method, Rows) { Matches = matches, CommonValues = _common, Findings = _findings };
    }
}
