using System.Text;
using Millrace.Messaging;

namespace Millrace.Testing.Conformance.Messaging;

/// <summary>Contains checks that a message arrives exactly as it was sent.</summary>
internal static class MessageChecks
{
    public static IReadOnlyList<TransportCheck> All { get; } =
    [
        new(
            "A message arrives with all its attributes, in binary form",
            probe => A_message_arrives_whole(probe, MessageFormat.Binary)),
        new(
            "A message arrives with all its attributes, in structured form",
            probe => A_message_arrives_whole(probe, MessageFormat.Structured)),
        new(
            "Unusual headers and texts arrive as they were sent, in the binary form",
            probe => Odd_texts_arrive(probe, MessageFormat.Binary)),
        new(
            "Unusual headers and texts arrive as they were sent, in the structured form",
            probe => Odd_texts_arrive(probe, MessageFormat.Structured)),
        new(
            "A body of any bytes arrives as it was sent, in the binary form",
            probe => Any_bytes_arrive(probe, MessageFormat.Binary)),
        new(
            "A body of any bytes arrives as it was sent, in the structured form",
            probe => Any_bytes_arrive(probe, MessageFormat.Structured)),
        new("A message of a megabyte arrives completely", A_large_message_arrives),
        new("A message that is too large is refused, and other messages are not", A_message_too_large_is_refused),
    ];

    private static async Task A_message_arrives_whole(TransportProbe probe, MessageFormat format)
    {
        var sent = probe.Message(1) with
        {
            Source = "urn:shop:orders",
            Subject = "order-0197",
            Key = "customer-7",
            Time = new DateTimeOffset(2026, 11, 21, 4, 5, 6, TimeSpan.Zero).AddTicks(1_234_560),
            ContentType = "application/json; charset=utf-8",
            SchemaVersion = 3,
            CorrelationId = "0197a1b2-0000-7000-8000-000000000001",
            CausationId = "0197a1b2-0000-7000-8000-000000000002",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Headers = new Dictionary<string, string> { ["x-tenant.name"] = "acme", ["region"] = "eu" },
        };

        var received = await SendAndReceive(probe, sent, format);

        ExpectSame(sent, received);
    }

    private static async Task Odd_texts_arrive(TransportProbe probe, MessageFormat format)
    {
        var sent = probe.Message(1) with
        {
            Subject = "Straße 7 – \"日本\" 🚚 \\ /?#[]@!$&'()*+,;=%00",
            Key = " a key, with blanks\tand\nlines ",
            CorrelationId = "",
            Headers = new Dictionary<string, string>
            {
                ["empty"] = "",
                ["X-Upper-Case"] = "KEPT",
                ["under_score.dot-dash"] = "ü\u0001\u007f\u2028",
                ["long"] = new string('x', 8_000),
                ["json"] = """{"a":[1,2,"\u0041"]}""",
                ["0"] = "0",
            },
        };

        var received = await SendAndReceive(probe, sent, format);

        ExpectSame(sent, received);
    }

    private static async Task Any_bytes_arrive(TransportProbe probe, MessageFormat format)
    {
        var every = new byte[256];
        for (var i = 0; i < every.Length; i++)
            every[i] = (byte)i;
        byte[][] bodies =
        [
            [],
            [0],
            every,
            [0xff, 0xfe, 0xfd],
            " {\"a\" : 1.0e3}\r\n"u8.ToArray(),
            "{\"a\":\"\\u00fc\",\"b\":1.50}"u8.ToArray(),
        ];
        await using var receiver = await probe.Open(probe.Subscribe());
        foreach (var contentType in new[]
            {
                EventContentType.Binary,
                EventContentType.Cbor,
                EventContentType.Json,
                "text/plain",
            }
        )
        {
            foreach (var body in bodies)
            {
                var sent = probe.Message(1) with { ContentType = contentType, Body = body };

                var received = await SendAndReceive(probe, receiver, sent, format);

                ExpectSame(sent, received);
            }
        }
    }

    private static async Task A_large_message_arrives(TransportProbe probe)
    {
        var body = new byte[(int)Math.Min(1024 * 1024, probe.Transport.MaxBodyBytes)];
        new Random(7).NextBytes(body);
        var sent = probe.Message(1) with { ContentType = EventContentType.Binary, Body = body };

        var received = await SendAndReceive(probe, sent, MessageFormat.Binary);

        ExpectSame(sent, received);
    }

    private static async Task A_message_too_large_is_refused(TransportProbe probe)
    {
        var maxBytes = probe.Transport.MaxBodyBytes;
        if (maxBytes > 64 * 1024 * 1024)
            return; // Larger than any event can be.
        await using var receiver = await probe.Open(probe.Subscribe());

        var outcomes = await probe.TryPublish(
            probe.Message(1),
            probe.Message(2) with
            {
                Body = new byte[maxBytes + 1],
            },
            probe.Message(3));

        Expect.Same(
            [PublishResult.Confirmed, PublishResult.Refused, PublishResult.Confirmed],
            outcomes.Select(one => one.Result),
            "the outcomes");
        Expect.True(outcomes[1].Problem is { Length: > 0 }, "a refusal has no reason");
        var taken = await probe.Take(receiver, 2);
        Expect.Same(
            [probe.Message(1).Id, probe.Message(3).Id],
            taken.Select(one => one.Message.Id).Order(),
            "the received messages");
    }

    private static async Task<Message> SendAndReceive(TransportProbe probe, Message sent, MessageFormat format)
    {
        await using var receiver = await probe.Open(probe.Subscribe());
        return await SendAndReceive(probe, receiver, sent, format);
    }

    private static async Task<Message> SendAndReceive(
        TransportProbe probe, IReceiver receiver, Message sent, MessageFormat format)
    {
        var outcomes = await probe.Transport.Publish(
            [new OutgoingMessage(probe.Destination, sent, format)],
            probe.Cancel);
        Expect.True(outcomes.Count == 1 && outcomes[0].IsConfirmed, "the message was not confirmed");
        var delivery = (await probe.Take(receiver, 1))[0];
        Expect.Equal(null, delivery.Problem, "the problem of a valid message");
        return delivery.Message;
    }

    private static void ExpectSame(Message sent, Message received)
    {
        Expect.Equal(sent.Id, received.Id, "the id");
        Expect.Equal(sent.Type, received.Type, "the type");
        Expect.Equal(sent.Source, received.Source, "the source");
        Expect.Equal(sent.Subject, received.Subject, "the subject");
        Expect.Equal(sent.Key, received.Key, "the key");
        Expect.Equal(sent.Time, received.Time, "the time");
        Expect.Equal(sent.ContentType, received.ContentType, "the content type");
        Expect.Equal(sent.SchemaVersion, received.SchemaVersion, "the schema version");
        Expect.Equal(sent.CorrelationId, received.CorrelationId, "the correlation id");
        Expect.Equal(sent.CausationId, received.CausationId, "the causation id");
        Expect.Equal(sent.TraceParent, received.TraceParent, "the trace context");
        foreach (var (name, value) in sent.Headers)
            Expect.Equal(value, received.Headers.GetValueOrDefault(name), $"header '{name}'");
        Expect.True(
            sent.Body.Span.SequenceEqual(received.Body.Span),
            $"the body differs: {sent.Body.Length} bytes were sent and {received.Body.Length} arrived, as "
                + $"{sent.ContentType}: "
            + $"'{Encoding.UTF8.GetString(sent.Body.Span[..Math.Min(40, sent.Body.Length)])}'");
    }
}
