using System.Text;
using System.Text.Json;

namespace Millrace.Erasing;

/// <summary>
/// The names of a subject and of the streams with values of this subject only, which attribute a stored row to the
/// subject. A row of another person must never match.
/// </summary>
internal sealed class SubjectNames
{
    private const int MinMatcherBytes = 4;
    private const int MaxUnescapes = 3;

    private readonly ValueMatcher _names = new();
    private readonly List<byte[]> _shortNames = [];
    private readonly ValueMatcher _guids = new();
    private readonly HashSet<(string Type, string Key)> _keys = [];

    /// <param name="subject">The subject.</param>
    /// <param name="streams">The streams with values of this subject only. Only names with a type and a key are used,
    /// because a stream such as <c>shop</c> belongs to all.</param>
    public SubjectNames(string subject, IEnumerable<string> streams)
    {
        Add(subject);
        if (Guid.TryParse(KeyOf(subject), out var guid))
        {
            foreach (var text in TextsOf(guid))
                _guids.Add(Encoding.UTF8.GetBytes(text), isDistinctive: false);
        }
        foreach (var stream in streams)
        {
            if (KeyOf(stream) is not null)
                Add(stream);
        }
    }

    /// <summary>
    /// Returns whether bytes contain a whole name, or the GUID of the subject, or a JSON member such as
    /// <c>customerId</c> with the key of a name.
    /// </summary>
    public bool AreIn(ReadOnlySpan<byte> bytes)
    {
        var isEscaped = bytes.Contains((byte)'\\');
        var plain = isEscaped ? Unescaped(bytes) : bytes;
        return Find(plain, isKey: false) || HasMember(bytes);
    }

    /// <summary>
    /// Returns whether the key of a row contains a name, such as <c>remind-customer-42</c>. A name with a following
    /// dash may be a longer name, so it does not match.
    /// </summary>
    public bool AreInKey(string key) => Find(Encoding.UTF8.GetBytes(key), isKey: true);

    private void Add(string name)
    {
        AddText(name);
        if (KeyOf(name) is not { } key)
            return;
        var type = name[..^(key.Length + 1)];
        _keys.Add((Normalized(type), key));
        if (!Guid.TryParse(key, out var guid))
            return;
        foreach (var text in TextsOf(guid))
            AddText($"{type}-{text}");
    }

    private void AddText(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length < MinMatcherBytes)
            _shortNames.Add(bytes);
        else
            _names.Add(bytes, isDistinctive: true); // This class checks the limits of words.
    }

    private bool Find(ReadOnlySpan<byte> bytes, bool isKey)
    {
        if (_guids.Find(bytes) != ValueMatch.None)
            return true;
        for (var start = 0; _names.TryFindNext(bytes, ref start, out var length, out _); start++)
        {
            if (IsWhole(bytes, start, length, isKey))
                return true;
        }
        foreach (var name in _shortNames)
        {
            for (var start = 0; bytes[start..].IndexOf(name) is >= 0 and var index; start += index + 1)
            {
                if (IsWhole(bytes, start + index, name.Length, isKey))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Returns whether a name is not a part of a longer name.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> bytes, int start, int length, bool isKey)
    {
        var end = start + length;
        if (start > 0 && IsNameByte(bytes[start - 1]) && !(isKey && bytes[start - 1] == (byte)'-'))
            return false;
        return end == bytes.Length
            || !(IsNameByte(bytes[end])
                || bytes[end] == (byte)'@'
                || (bytes[end] == (byte)'.' && end + 1 < bytes.Length && IsNameByte(bytes[end + 1])));
    }

    private static bool IsNameByte(byte value) =>
        char.IsAsciiLetterOrDigit((char)value) || value is >= 0x80 or (byte)'-' or (byte)'_';

    /// <summary>Returns whether JSON has a member with the type of a name and the value of its key.</summary>
    private bool HasMember(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var member = reader.GetString()!;
                reader.Read();
                if (TextOf(ref reader) is { } key && IsMemberOf(Normalized(member), key))
                    return true;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // It is not JSON. Half of a surrogate pair causes the second kind of exception.
        }
        return false;
    }

    private bool IsMemberOf(string member, string key) =>
        _keys.Contains((member, key))
        || (member.EndsWith("ID", StringComparison.Ordinal) && _keys.Contains((member[..^2], key)));

    private static string? TextOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
        _ => null,
    };

    /// <summary>Returns a name without differences of notation: <c>customer_id</c> is <c>customerId</c>.</summary>
    private static string Normalized(string name) =>
        name.Replace("-", "", StringComparison.Ordinal)
            .Replace("_", "", StringComparison.Ordinal)
            .ToUpperInvariant();

    /// <summary>Returns the part after the first dash; null if the name is not a type and a key.</summary>
    private static string? KeyOf(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && dash < name.Length - 1 ? name[(dash + 1)..] : null;
    }

    private static string[] TextsOf(Guid guid) =>
    [
        guid.ToString("D"),
        guid.ToString("D").ToUpperInvariant(),
        guid.ToString("N"),
        guid.ToString("N").ToUpperInvariant(),
    ];

    /// <summary>Returns the text of JSON without escapes, also of JSON in texts of JSON.</summary>
    private static byte[] Unescaped(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        for (var i = 0; i < MaxUnescapes && text.Contains('\\', StringComparison.Ordinal); i++)
            text = JsonEscapes.Remove(text);
        return Encoding.UTF8.GetBytes(text);
    }
}
