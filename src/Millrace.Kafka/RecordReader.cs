using System.Text;
using System.Text.Unicode;
using Millrace.Kafka.Native;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>
/// Reads the records of a topic, including those of senders that do not use CloudEvents. For one thread; texts that
/// records have in common are cached.
/// </summary>
internal sealed class RecordReader(string topic)
{
    private const string Id = RecordConverter.Prefix + "id";
    private const string OwnKey = RecordConverter.Prefix + "partitionkey";

    private readonly HeaderCache _cache = new();
    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <summary>Reads a record, and returns the problem if it is not a message.</summary>
    public (Message Message, string? Problem) Read(in NativeRecord record)
    {
        _headers.Clear();
        string? contentType = null;
        var isCloudEvent = false;
        var hasKey = false;
        for (var headers = record.GetHeaders(); headers.TryNext();)
        {
            var (name, value) = _cache.Read(headers.Name, headers.Value);
            if (string.Equals(name, RecordConverter.ContentType, StringComparison.OrdinalIgnoreCase))
            {
                contentType = value;
                continue;
            }
            isCloudEvent |= name == Id;
            hasKey |= name == OwnKey;
            _headers.Add(new(RecordConverter.Unescaped(name), value));
        }
        // A record without an id gets one from its offset, so that records are distinguished.
        if (!isCloudEvent && !CloudEventJson.Is(contentType))
            _headers.Add(new(Id, $"{topic}/{record.Partition}/{record.Offset}"));
        if ((!hasKey || record.IsTombstone) && record.HasKey && record.Key.Length > 0)
            _headers.Add(new(OwnKey, TextOf(record.Key)));
        var (message, problem) = RecordConverter.Binding.Read(contentType, _headers, record.Value.ToArray());
        return (message, record.IsTombstone ? null : problem);
    }

    /// <summary>
    /// Returns the text of a key. A key that is not UTF-8, such as a number or Avro, is written as its bytes. A text
    /// that starts like this form is also written as bytes, so that no two keys have the same text.
    /// </summary>
    private static string TextOf(ReadOnlySpan<byte> key) => Utf8.IsValid(key) && !key.StartsWith("hex:"u8)
        ? Encoding.UTF8.GetString(key)
        : "hex:" + Convert.ToHexStringLower(key);
}
