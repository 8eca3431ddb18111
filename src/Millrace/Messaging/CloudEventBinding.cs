using System.Globalization;
using System.Runtime.InteropServices;

namespace Millrace.Messaging;

/// <summary>
/// Converts messages to and from the headers and body that a broker transports. Adapters use this class. Immutable.
/// </summary>
public sealed class CloudEventBinding
{
    private static readonly string[] Names =
    [
        CloudEventNames.SpecVersion,
        CloudEventNames.Id,
        CloudEventNames.Source,
        CloudEventNames.Type,
        CloudEventNames.Subject,
        CloudEventNames.Time,
        CloudEventNames.Key,
        CloudEventNames.Correlation,
        CloudEventNames.Causation,
        CloudEventNames.TraceParent,
        CloudEventNames.SchemaVersion,
    ];

    private readonly string[] _prefixes;
    private readonly Dictionary<string, string> _headerNames;
    private readonly Dictionary<string, string> _attributesByHeader;

    /// <summary>Creates a binding.</summary>
    /// <param name="prefix">The prefix of attribute names, such as <c>ce_</c>.</param>
    /// <param name="others">Other prefixes that <see cref="Read"/> accepts.</param>
    public CloudEventBinding(string prefix, params IReadOnlyList<string> others)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        ArgumentNullException.ThrowIfNull(others);
        _prefixes = [prefix, .. others];
        _headerNames = Names.ToDictionary(name => name, name => prefix + name, StringComparer.Ordinal);
        _attributesByHeader = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var headerPrefix in _prefixes)
        {
            foreach (var name in Names)
                _attributesByHeader.TryAdd(headerPrefix + name, name);
        }
    }

    /// <summary>Writes the headers of a message, and returns its body and content type.</summary>
    /// <param name="message">The message.</param>
    /// <param name="format">The format. Binary writes attributes as headers, and Structured writes them into the
    /// body.</param>
    /// <param name="target">The object to which headers are added.</param>
    /// <param name="add">Adds a header, given its name and value.</param>
    public (ReadOnlyMemory<byte> Body, string ContentType) Write<TTarget>(
        Message message, MessageFormat format, TTarget target, Action<TTarget, string, string> add)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(add);
        if (format == MessageFormat.Binary)
            WriteAttributes(message, target, add);
        if (message.TraceParent is { } trace)
            // The header for systems that support trace contexts but not CloudEvents.
            add(target, CloudEventNames.TraceParent, trace);
        foreach (var (name, value) in message.Headers)
        {
            var canBeAttribute = CloudEventJson.CanBeAttribute(name);
            if (!canBeAttribute)
                add(target, name, value);
            else if (format == MessageFormat.Binary)
                add(target, _prefixes[0] + name, value);
        }
        return format == MessageFormat.Binary
            ? (message.Body, message.ContentType)
            : (CloudEventJson.Write(message), CloudEventJson.ContentType);
    }

    /// <summary>Reads a message in either format.</summary>
    /// <param name="contentType">The body's media type; null if the broker has none.</param>
    /// <param name="headers">The headers, with their values as texts.</param>
    /// <param name="body">The body. The message refers to this memory and does not copy it.</param>
    /// <returns>The message, and a problem if the message is not valid. An invalid message has an id that is derived
    /// from its bytes, and all attributes that could be read. The method does not throw if the content is
    /// invalid.</returns>
    public (Message Message, string? Problem) Read(
        string? contentType, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var draft = new MessageDraft();
        if (!CloudEventJson.Is(contentType))
        {
            AddHeaders(ref draft, headers);
            var message = draft.Finish(body, contentType, out var binaryProblem);
            return (message, binaryProblem);
        }
        var (data, jsonProblem) = CloudEventJson.Read(body, ref draft);
        AddHeaders(ref draft, headers);
        var structured = draft.Finish(data, jsonProblem is null ? null : contentType, out var problem);
        return (structured, jsonProblem ?? problem);
    }

    private void AddHeaders(ref MessageDraft draft, IEnumerable<KeyValuePair<string, string>> headers)
    {
        if (headers is List<KeyValuePair<string, string>> list) // On the hot path: avoids an enumerator.
        {
            foreach (var (name, value) in CollectionsMarshal.AsSpan(list))
                Add(ref draft, name, value);
            return;
        }
        foreach (var (name, value) in headers)
            Add(ref draft, name, value);
    }

    private void Add(ref MessageDraft draft, string name, string value)
    {
        if (AttributeOf(name) is { } attribute)
            draft.SetAttribute(attribute, value);
        else
            draft.SetHeader(name, value);
    }

    private string? AttributeOf(string name)
    {
        if (_attributesByHeader.TryGetValue(name, out var attribute))
            return attribute;
        foreach (var prefix in _prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return name[prefix.Length..];
        }
        return null;
    }

    private void WriteAttributes<TTarget>(Message message, TTarget target, Action<TTarget, string, string> add)
    {
        add(target, _headerNames[CloudEventNames.SpecVersion], CloudEventNames.Version);
        add(target, _headerNames[CloudEventNames.Id], message.Id);
        add(target, _headerNames[CloudEventNames.Source], message.Source);
        add(target, _headerNames[CloudEventNames.Type], message.Type);
        if (message.Subject is not null)
            add(target, _headerNames[CloudEventNames.Subject], message.Subject);
        if (message.Time is { } time)
            add(
                target,
                _headerNames[CloudEventNames.Time],
                time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        if (message.OwnKey is not null)
            add(target, _headerNames[CloudEventNames.Key], message.OwnKey);
        if (message.CorrelationId is not null)
            add(target, _headerNames[CloudEventNames.Correlation], message.CorrelationId);
        if (message.CausationId is not null)
            add(target, _headerNames[CloudEventNames.Causation], message.CausationId);
        if (message.TraceParent is not null)
            add(target, _headerNames[CloudEventNames.TraceParent], message.TraceParent);
        if (message.SchemaVersion != 1)
            add(
                target,
                _headerNames[CloudEventNames.SchemaVersion],
                message.SchemaVersion.ToString(CultureInfo.InvariantCulture));
    }
}
