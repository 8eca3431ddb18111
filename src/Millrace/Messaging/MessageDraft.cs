using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;

namespace Millrace.Messaging;

/// <summary>
/// The attributes of a message that is being read, in any order. This struct is mutable, so callers pass it by
/// reference.
/// </summary>
internal struct MessageDraft
{
    private Dictionary<string, string>? _headers;
    private string? _id;
    private string? _type;
    private string? _source;
    private string? _subject;
    private string? _key;
    private string? _time;
    private string? _contentType;
    private string? _schemaVersion;
    private string? _correlationId;
    private string? _causationId;
    private string? _traceParent;

    /// <summary>Sets an attribute or a known extension. Adds an unknown extension as a header.</summary>
    public void SetAttribute(string name, string value)
    {
        switch (name)
        {
            case CloudEventNames.SpecVersion: break;
            case CloudEventNames.Id: _id = value; break;
            case CloudEventNames.Type: _type = value; break;
            case CloudEventNames.Source: _source = value; break;
            case CloudEventNames.Subject: _subject = value; break;
            case CloudEventNames.Time: _time = value; break;
            case CloudEventNames.ContentType: _contentType = value; break;
            case CloudEventNames.Key: _key = value; break;
            case CloudEventNames.Correlation: _correlationId = value; break;
            case CloudEventNames.Causation: _causationId = value; break;
            case CloudEventNames.TraceParent: _traceParent = value; break;
            case CloudEventNames.SchemaVersion: _schemaVersion = value; break;
            default: SetHeader(name, value); break;
        }
    }

    /// <summary>
    /// Sets a header of the broker. A trace context in the header is used only if the attributes have none.
    /// </summary>
    public void SetHeader(string name, string value)
    {
        if (name == CloudEventNames.TraceParent)
            _traceParent ??= value;
        else
            (_headers ??= new Dictionary<string, string>(StringComparer.Ordinal))[name] = value;
    }

    public readonly Message Finish(ReadOnlyMemory<byte> body, string? contentType, out string? problem)
    {
        var time = TimeOf(_time, out var isValidTime);
        var version = 1;
        var isValidVersion =
            _schemaVersion is null
            || (
                int.TryParse(_schemaVersion, NumberStyles.None, CultureInfo.InvariantCulture, out version)
                && version > 0);
        problem =
            string.IsNullOrEmpty(_id) ? $"it has no '{CloudEventNames.Id}', which CloudEvents requires"
            : string.IsNullOrEmpty(_type) ? $"it has no '{CloudEventNames.Type}', which CloudEvents requires"
            : !isValidTime ? $"its '{CloudEventNames.Time}' is not a time in RFC 3339 format"
            : !isValidVersion ? $"its '{CloudEventNames.SchemaVersion}' is not a whole number from 1"
            : null;
        return new Message
        {
            Id = string.IsNullOrEmpty(_id) ? IdOf(body) : _id,
            Type = _type ?? "",
            Source = _source ?? CloudEventNames.NoSource,
            Subject = _subject,
            Key = _key!, // Null if the sender set no key.
            Time = time,
            ContentType = _contentType ?? contentType ?? EventContentType.Json,
            SchemaVersion = isValidVersion ? version : 1,
            CorrelationId = _correlationId,
            CausationId = _causationId,
            TraceParent = _traceParent,
            Headers = _headers ?? (IReadOnlyDictionary<string, string>)FrozenDictionary<string, string>.Empty,
            Body = body,
        };
    }

    /// <summary>
    /// Returns an id for a message without an id. Equal bytes have the same id, so that receivers recognize a
    /// repetition.
    /// </summary>
    private static string IdOf(ReadOnlyMemory<byte> body) =>
        "sha256-" + Convert.ToHexStringLower(SHA256.HashData(body.Span));

    private static DateTimeOffset? TimeOf(string? text, out bool isValidTime)
    {
        isValidTime = true;
        if (text is null)
            return null;
        // For the format that Millrace writes, TryParseExact is much faster than TryParse.
        if (text.EndsWith('Z')
            && DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var exact)
        )
            return exact;
        isValidTime = DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time);
        return isValidTime ? time : null;
    }
}
