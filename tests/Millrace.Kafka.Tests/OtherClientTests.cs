using System.Diagnostics;
using System.Text;

namespace Millrace.Kafka.Tests;

/// <summary>
/// Tests with an independent Kafka client (kcat). It reads messages of the adapter, and the adapter receives messages
/// of the client.
/// </summary>
public sealed class OtherClientTests(KafkaServerFixture fixture) : IClassFixture<KafkaServerFixture>
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    [KafkaClientFact]
    public async Task Another_client_reads_the_key_the_headers_and_the_body_of_the_binary_form()
    {
        await using var transport = await Declared("binary");

        await transport.Publish([new("binary", Placed() with { TraceParent = Trace })], Cancel);

        var (key, headers, body) = await Read("binary");
        Assert.Equal(("order-7", """{"total":3}"""), (key, body));
        Assert.Equal(
            [
                "ce_id=e-1",
                "ce_source=urn:shop",
                "ce_specversion=1.0",
                "ce_subject=order-7",
                $"ce_traceparent={Trace}",
                "ce_type=order.placed",
                "content-type=application/json",
                $"traceparent={Trace}",
            ],
            headers);
    }

    [KafkaClientFact]
    public async Task Another_client_reads_the_structured_form_from_the_body()
    {
        await using var transport = await Declared("structured");

        await transport.Publish([new("structured", Placed(), MessageFormat.Structured)], Cancel);

        var (key, headers, body) = await Read("structured");
        Assert.Equal("order-7", key);
        Assert.Equal(["content-type=application/cloudevents+json"], headers);
        Assert.Contains("\"type\":\"order.placed\"", body, StringComparison.Ordinal);
        Assert.Contains("\"data\":{\"total\":3}", body, StringComparison.Ordinal);
    }

    [KafkaClientFact]
    public async Task A_CloudEvent_from_another_client_is_received_with_its_key()
    {
        await using var transport = await Declared("foreign");
        await Run(
            [
                "-P",
                "-t",
                "foreign",
                "-K",
                "|",
                "-H",
                "ce_specversion=1.0",
                "-H",
                "ce_id=a-1",
                "-H",
                "ce_type=order.paid",
                "-H",
                "ce_source=/till",
                "-H",
                "content-type=application/json",
            ],
            "till-4|{\"paid\":true}\n");

        var delivery = await First(transport, "foreign");

        Assert.Null(delivery.Problem);
        Assert.Equal(
            ("a-1", "order.paid", "/till", "till-4"),
            (delivery.Message.Id, delivery.Message.Type, delivery.Message.Source, delivery.Message.Key));
        Assert.Equal("""{"paid":true}""", Encoding.UTF8.GetString(delivery.Message.Body.Span));
    }

    [KafkaClientFact]
    public async Task An_invalid_CloudEvent_is_reported_with_its_offset_as_its_id()
    {
        fixture.Server.Create("plain", 1);
        await using var transport = await Declared("plain");
        await Run(["-P", "-t", "plain"], "hello\n");

        var delivery = await First(transport, "plain");

        Assert.Equal("plain/0/0", delivery.Message.Id);
        Assert.Contains("has no 'type'", delivery.Problem, StringComparison.Ordinal);
        Assert.Equal("hello", Encoding.UTF8.GetString(delivery.Message.Body.Span));
    }

    private static Message Placed() => new()
    {
        Id = "e-1",
        Type = "order.placed",
        Source = "urn:shop",
        Subject = "order-7",
        Body = Encoding.UTF8.GetBytes("""{"total":3}"""),
    };

    private static async Task<Delivery> First(KafkaTransport transport, string topic)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var receiver = await transport.Receive(new Subscription("reader", topic), limit.Token);
        return (await receiver.Take(1, limit.Token))[0];
    }

    private async Task<KafkaTransport> Declared(string topic)
    {
        var transport = new KafkaTransport(new KafkaOptions
        {
            Servers = fixture.Server.Address,
            CreatesTopics = false,
            RequestTimeout = TimeSpan.FromSeconds(20),
            TakeOverAfter = TimeSpan.FromSeconds(4),
        });
        await transport.Declare(new TransportTopology([topic], []), Cancel);
        return transport;
    }

    private async Task<(string Key, IEnumerable<string> Headers, string Body)> Read(string topic)
    {
        var parts = (
            await Run(["-C", "-t", topic, "-o", "beginning", "-c", "1", "-e", "-q", "-f", "%k\n%h\n%s"], "")
        ).Split('\n', 3);
        return (parts[0], parts[1].Split(',').Order(StringComparer.Ordinal), parts[2]);
    }

    private async Task<string> Run(string[] arguments, string input)
    {
        var start = new ProcessStartInfo(KafkaPrograms.Client, ["-b", fixture.Server.Address, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var client = Process.Start(start)!;
        using var limit = new CancellationTokenSource(WaitTimeout);
        await client.StandardInput.WriteAsync(input);
        client.StandardInput.Close();
        var (output, errors) = (
            client.StandardOutput.ReadToEndAsync(limit.Token), client.StandardError.ReadToEndAsync(limit.Token));
        await client.WaitForExitAsync(limit.Token);
        Assert.True(client.ExitCode == 0, await errors);
        return await output;
    }
}
