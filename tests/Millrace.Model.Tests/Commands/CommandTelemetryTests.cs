using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Model.Tests.Commands;

public sealed class CommandTelemetryTests
{
    [Fact]
    public async Task Commands_and_queries_are_measured_by_name_with_the_type_of_their_error()
    {
        var measured = new ConcurrentBag<(string Instrument, string Tags)>();
        await using var host = await BankHost.Start(millrace => millrace.Services.AddMetrics());
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
            measured.Add((instrument.Name, string.Join(",", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")))));
        listener.Start();

        var account = await host.Open();
        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 1)));
        await host.Commands.Send(new Ping(1));
        await host.Queries.Ask(new GetBalance(account));

        Assert.Contains(("millrace.command.duration", "millrace.command=open-account"), measured);
        Assert.Contains(
            (
                "millrace.command.duration",
                "millrace.command=withdraw,error.type=InvariantViolatedException,millrace.outcome=refused"
            ),
            measured);
        Assert.Contains(("millrace.command.duration", "millrace.command=ping"), measured);
        Assert.Contains(("millrace.query.duration", "millrace.query=get-balance"), measured);
    }

    [Fact]
    public async Task A_command_is_a_trace_span_and_its_events_carry_the_trace_id()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MillraceTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await BankHost.Start();
        var account = await host.Open();

        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 1)));

        var recorded = await host.Store.ReadStream(StreamId.For("account", account)).SingleAsync();
        var trace = recorded.Metadata.TraceParent ?? "";
        var sent = Assert.Single(spans, span => span.OperationName == "send open-account"
            && trace.Contains(span.TraceId.ToString(), StringComparison.Ordinal));
        Assert.Equal(ActivityStatusCode.Unset, sent.Status);
        Assert.Contains(
            spans, span => span.OperationName == "send withdraw" && span.Status == ActivityStatusCode.Error);
    }
}
