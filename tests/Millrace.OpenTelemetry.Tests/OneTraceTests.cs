using System.Globalization;
using System.Net;
using Millrace.Messaging;
using Millrace.Telemetry.Tests.Otlp;
using Millrace.Testing;

namespace Millrace.Telemetry.Tests;

/// <summary>
/// Tests that one trace shows a request with everything that it caused, in two services that a real broker connects.
/// </summary>
public sealed class OneTraceTests
{
    private const string Destination = "confirmed-orders";

    // Each span with its parent, from the request to the read model of the other service.
    private static readonly (string Span, string Parent)[] Expected =
    [
        ("send place-order", "POST /orders"),
        ("handle order.placed", "process process-confirmation"),
        ("step confirmation confirm", "handle order.placed"),
        ("send confirm-order", "step confirmation confirm"),
        ($"send {Destination}", "process publish.{0}"),
        ($"process {Destination}", "send confirm-order"),
        ("process bills@1", $"process {Destination}"),
    ];

    [RabbitMqFact]
    public async Task A_request_its_command_process_message_and_read_model_are_one_trace_over_RabbitMQ()
    {
        var host = (await RabbitMqServer.Shared).TakeVirtualHost();

        await Check("rabbitmq", (millrace, configure) => millrace.UseRabbitMq(host, configure));
    }

    [RedisFact]
    public async Task A_request_its_command_process_message_and_read_model_are_one_trace_over_Redis()
    {
        await using var redis = await RedisServer.Start();

        await Check("redis", (millrace, configure) => millrace.UseRedis(redis.Address, configure));
    }

    private static async Task Check(
        string transport, Func<MillraceBuilder, Action<TransportBuilder>, MillraceBuilder> use)
    {
        await using var collector = await OtlpCollector.Start();
        await using (var billing = await BookshopApp.Start(
            "billing",
            collector.Settings,
            millrace => use(millrace, broker => broker.Receive(
                "billing", Destination, receiver => receiver.Handle<OrderConfirmed>(Bill)))))
        await using (var orders = await BookshopApp.Start(
            "orders",
            collector.Settings,
            millrace => use(millrace, broker => broker.Publish<OrderConfirmed>(Destination))))
        {
            await orders.Place("1");
            await Eventually.Get(
                async () => (await billing.Client.GetAsync("/bills/1")).StatusCode,
                status => status == HttpStatusCode.OK);
        }

        var request = Assert.Single(collector.Spans, span => span.Name == "POST /orders");
        var trace = collector.Spans.Where(span => span.TraceId == request.TraceId).ToList();
        var nameOf = trace.ToDictionary(span => span.SpanId, span => span.Name);
        foreach (var (name, parentFormat) in Expected)
        {
            var parent = string.Format(CultureInfo.InvariantCulture, parentFormat, transport);
            Assert.Contains(
                trace, span => span.Name == name && nameOf.GetValueOrDefault(span.ParentId) == parent);
        }
        // Every span continues another one of the trace: nothing is lost between the services.
        Assert.Single(trace, span => !nameOf.ContainsKey(span.ParentId));
    }

    private static ValueTask Bill(
        OrderConfirmed confirmed, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(
            StreamId.For("bill", confirmed.Order),
            ExpectedVersion.Any,
            new BillIssued(confirmed.Order, confirmed.Total));
        return ValueTask.CompletedTask;
    }
}
