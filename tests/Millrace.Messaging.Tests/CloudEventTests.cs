using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Messaging.Tests;

public sealed class CloudEventTests
{
    private static readonly CloudEventBinding Binding = new("ce_", "ce:");

    [Fact]
    public void Any_message_is_read_back_unchanged_in_both_forms() =>
        Prop.ForAll<(string, byte[], string), string>(
                (first, text) =>
                {
                    var (subject, body, header) = first;
                    foreach (var format in Enum.GetValues<MessageFormat>())
                    {
                        foreach (var contentType in new[] { EventContentType.Json, EventContentType.Binary })
                        {
                            var sent = new Message
                            {
                                Id = "1",
                                Type = "order.placed",
                                Subject = ToValidText(subject),
                                Key = ToValidText(text),
                                ContentType = contentType,
                                CorrelationId = ToValidText(header),
                                Body = body ?? [],
                                Headers = new Dictionary<string, string>
                                {
                                    ["odd-name"] = ToValidText(header),
                                    ["plain"] = ToValidText(text),
                                },
                            };

                            var (received, problem) = RoundTrip(sent, format);

                            Assert.Null(problem);
                            Assert.Equal(
                                (sent.Subject, sent.Key, sent.CorrelationId),
                                (received.Subject, received.Key, received.CorrelationId));
                            Assert.Equal(
                                sent.Headers.OrderBy(entry => entry.Key), received.Headers.OrderBy(entry => entry.Key));
                            Assert.Equal(sent.Body.ToArray(), received.Body.ToArray());
                        }
                    }
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Reading_any_bytes_and_headers_never_throws() =>
        Prop.ForAll<byte[], string, string>(
                (body, name, value) =>
                {
                    foreach (var contentType in new[] { CloudEventJson.ContentType, EventContentType.Json, null })
                    {
                        var (message, problem) = Binding.Read(
                            contentType,
                            [new($"ce_{name}", value ?? ""), new(name ?? "", "")],
                            body ?? []);

                        Assert.NotNull(problem);
                        Assert.NotEmpty(message.Id);
                    }
                }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_structured_form_is_a_CloudEvent_with_JSON_data()
    {
        var message = new Message
        {
            Id = "1",
            Type = "order.placed",
            Source = "shop",
            Subject = "order-7",
            SchemaVersion = 2,
            Body = """{"total":40}"""u8.ToArray(),
            Time = new DateTimeOffset(2026, 11, 21, 4, 5, 6, TimeSpan.Zero),
            TraceParent = "00-a-b-01",
        };

        var json = Encoding.UTF8.GetString(CloudEventJson.Write(message).Span);

        Assert.Equal(
            """
            {"specversion":"1.0","id":"1","source":"shop","type":"order.placed","datacontenttype":"application/json",
            "subject":"order-7","time":"2026-11-21T04:05:06Z","millraceschema":"2","traceparent":"00-a-b-01","data":{"total":40}}
            """.ReplaceLineEndings(""),
            json);
        Assert.Equal("1.0", JsonDocument.Parse(json).RootElement.GetProperty("specversion").GetString());
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","type":"t","source":"s"}""", "no 'id'")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s"}""", "no 'type'")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t","time":"noon"}""", "not a time")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t","millraceschema":"0"}""", "not a whole number")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t","data_base64":"*"}""", "not a CloudEvent in JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not a CloudEvent in JSON")]
    public void An_invalid_cloud_event_is_reported_and_keeps_its_bytes(string json, string expected)
    {
        var (message, problem) = Binding.Read(CloudEventJson.ContentType, [], Encoding.UTF8.GetBytes(json));

        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.NotEmpty(message.Id);
    }

    [Fact]
    public void A_message_with_the_alternative_header_prefix_is_read()
    {
        var (message, problem) = Binding.Read(
            "application/json",
            [new("ce:id", "1"), new("ce:type", "t"), new("ce:specversion", "1.0"), new("traceparent", "00-x")],
            default);

        Assert.Equal((null, "1", "t", "00-x"), (problem, message.Id, message.Type, message.TraceParent));
    }

    private static (Message Message, string? Problem) RoundTrip(Message sent, MessageFormat format)
    {
        var headers = new List<KeyValuePair<string, string>>();
        var (body, contentType) = Binding.Write(
            sent, format, headers, static (all, name, value) => all.Add(new(name, value)));
        return Binding.Read(contentType, headers, body);
    }

    /// <summary>Replaces lone surrogates, which are not valid text and cannot be sent.</summary>
    private static string ToValidText(string? text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")).Replace("\0", "", StringComparison.Ordinal);
}
