using System.Text;
using System.Text.Json;

namespace Millrace.Protection;

/// <summary>Finds the values of marked members in JSON, with their data subjects.</summary>
internal static class MarkedValueLocator
{
    /// <summary>Returns the values to encrypt, in the order of the JSON. Null values are not encrypted.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="marks">The marked members.</param>
    /// <param name="streamSubject">The subject of members without a <see cref="ProtectedMember.Subject"/>; null if
    /// there is none.</param>
    /// <param name="type">The name of the type, for errors.</param>
    /// <exception cref="ProtectedValueException">The bytes are not JSON, or the subject of a value is
    /// missing.</exception>
    public static IReadOnlyList<MarkedValue> Find(
        ReadOnlySpan<byte> json, MarkNode marks, string? streamSubject, string type) =>
        Find(json, marks, streamSubject, type, isStored: false);

    /// <summary>Returns the values of a stored payload. A value without a subject, which was stored before it was
    /// marked, has <see cref="MarkedValue.NoSubject"/>.</summary>
    /// <inheritdoc cref="Find(ReadOnlySpan{byte}, MarkNode, string?, string)"/>
    /// <exception cref="ProtectedValueException">The bytes are not JSON.</exception>
    public static IReadOnlyList<MarkedValue> FindStored(
        ReadOnlySpan<byte> json, MarkNode marks, string? streamSubject, string type) =>
        Find(json, marks, streamSubject, type, isStored: true);

    private static MarkedValue[] Find(
        ReadOnlySpan<byte> json, MarkNode marks, string? streamSubject, string type, bool isStored)
    {
        var search = new Search(json);
        try
        {
            search.Run(marks);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair causes the second kind of exception.
            throw new ProtectedValueException(type, "the payload is not valid JSON.");
        }
        finally
        {
            search.Dispose();
        }
        if (search.Found is not { } found)
            return [];
        var values = new MarkedValue[found.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var (start, length, path, declared, mark) = found[i];
            var subject = SubjectOf(mark, declared, search.Subjects, streamSubject)
                ?? (isStored
                    ? MarkedValue.NoSubject
                    : throw new ProtectedValueException(type, Missing(mark, declared)));
            values[i] = new MarkedValue(start, length, path, mark, subject);
        }
        return values;
    }

    /// <summary>Returns the subject of a value; empty for a secret, and null if the subject is missing.</summary>
    private static string? SubjectOf(
        ProtectedMember mark, string path, Dictionary<string, string>? subjects, string? streamSubject) =>
        mark.IsSecret ? ""
        : mark.Subject is not { } pattern ? streamSubject
        : subjects?.GetValueOrDefault(Concrete(pattern, path)) is { } id
            ? DataSubject.Of(mark.SubjectType ?? "", id)
        : null;

    private static string Missing(ProtectedMember mark, string path) => mark.Subject is null
        ? $"{path} is personal data, and no member with the id of its data subject is declared. Set Subject."
        : $"{path} is personal data, and its data subject at {Concrete(mark.Subject, path)} is missing, null, or not a "
            + "text or number.";

    /// <summary>Replaces each <c>*</c> of a pattern by the segment of the value's path at the same place.</summary>
    private static string Concrete(string pattern, string path)
    {
        if (!pattern.Contains('*', StringComparison.Ordinal))
            return pattern;
        var segments = MarkNode.SegmentsOf(pattern);
        var known = MarkNode.SegmentsOf(path);
        for (var i = 0; i < segments.Length && i < known.Length; i++)
        {
            if (segments[i] == "*")
                segments[i] = known[i];
        }
        return "/" + string.Join('/', segments);
    }

    private readonly record struct Match(
        int Start, int Length, string Path, string Declared, ProtectedMember Mark);

    private ref struct Search(ReadOnlySpan<byte> json)
    {
        private readonly ReadOnlySpan<byte> _json = json;
        private JsonPathStack _path = new(json);

        public List<Match>? Found { get; private set; }

        public Dictionary<string, string>? Subjects { get; private set; }

        public void Run(MarkNode marks)
        {
            var reader = new Utf8JsonReader(_json);
            reader.Read();
            Visit(ref reader, marks);
            reader.Read(); // Throws if data follows the value.
        }

        public readonly void Dispose() => _path.Dispose();

        private void Visit(ref Utf8JsonReader reader, MarkNode node)
        {
            if (node.IsSubject && TextOf(ref reader) is { Length: > 0 } subject)
                (Subjects ??= new(StringComparer.Ordinal))[_path.BuildDeclared()] = subject; // The last one counts.
            if (node.Mark is { } mark)
            {
                var start = (int)reader.TokenStartIndex;
                var isNull = reader.TokenType == JsonTokenType.Null;
                reader.Skip();
                if (!isNull)
                {
                    var path = _path.Build();
                    var declared = mark.Subject is null ? path : _path.BuildDeclared();
                    (Found ??= []).Add(new Match(start, (int)reader.BytesConsumed - start, path, declared, mark));
                }
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                VisitMembers(ref reader, node);
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
            {
                VisitItems(ref reader, node);
            }
        }

        private void VisitMembers(ref Utf8JsonReader reader, MarkNode node)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var member = node.Find(ref reader);
                if (member is null)
                {
                    reader.Skip();
                    continue;
                }
                _path.PushName(ref reader, member.Name);
                reader.Read();
                Visit(ref reader, member);
                _path.Pop();
            }
        }

        private void VisitItems(ref Utf8JsonReader reader, MarkNode node)
        {
            var index = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (node.Each() is { } each)
                {
                    _path.PushIndex(index++);
                    Visit(ref reader, each);
                    _path.Pop();
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private static string? TextOf(ref Utf8JsonReader reader) => reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
            _ => null,
        };
    }
}
