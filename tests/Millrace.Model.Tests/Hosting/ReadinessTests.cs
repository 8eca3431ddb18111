using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Model.Tests.Hosting;

/// <summary>Tests of the answers of the readiness check.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task Each_question_of_an_application_in_memory_is_answered_with_what_to_do()
    {
        await using var bank = await BankHost.Start();

        var report = await Check(bank);

        Assert.False(report.IsReady);
        Assert.Equal(
            [(ReadinessGroup.Design, 6), (ReadinessGroup.Implementation, 8), (ReadinessGroup.Operation, 4)],
            report.Items.GroupBy(item => item.Group).Select(group => (group.Key, group.Count())));
        Assert.Equal(ReadinessAnswer.No, Answer(report, "durable-store"));
        Assert.Equal(ReadinessAnswer.No, Answer(report, "alerts"));
        Assert.Equal(ReadinessAnswer.No, Answer(report, "backup"));
        Assert.Equal(ReadinessAnswer.NotUsed, Answer(report, "brokers"));
        Assert.All(
            ["event-sourcing", "cqrs", "failures", "aggregates", "commands", "queries", "store"],
            id => Assert.Equal(ReadinessAnswer.Yes, Answer(report, id)));
        Assert.All(report.Items, item => Assert.Equal(!item.IsReady, item.Remedy is not null));
    }

    [Fact]
    public async Task A_file_is_durable_and_a_stored_type_that_is_unknown_is_named()
    {
        await using var bank = await BankHost.StartOnSqlite(millrace => millrace.UseAlerts()); // Has own events.
        await Eventually.Get(() => bank.Store.GetInfo().AsTask(), info => info.Events > 0);
        Assert.Equal(ReadinessAnswer.Yes, Answer(await Check(bank), "event-sourcing"));
        await bank.Store.Append(
            new StreamId("other-1"), ExpectedVersion.Any, [NewEvent.FromBytes("parcel.lost", "{}"u8.ToArray())]);

        var report = await Check(bank);

        Assert.Equal(ReadinessAnswer.Yes, Answer(report, "durable-store"));
        var item = report.Items.Single(item => item.Id == "event-sourcing");
        Assert.Equal(ReadinessAnswer.No, item.Answer);
        Assert.Contains("parcel.lost", item.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_consumer_is_a_failure_that_is_not_handled()
    {
        await using var bank = await BankHost.Start(millrace =>
            millrace.AddConsumer("notify", EventFilter.All, (_, _) => ValueTask.CompletedTask));
        await bank.Services.GetRequiredService<Consumers>().Pause("notify");

        var paused = await Eventually.Get(
            () => Check(bank), report => Answer(report, "failures") == ReadinessAnswer.No);

        Assert.Contains(
            "notify is Paused", paused.Items.Single(item => item.Id == "failures").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_no_is_accepted_with_a_reason_from_code_or_configuration()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Millrace:Readiness:Accepted:ACCESS-CONTROL"] = "an inner service", // As from an environment variable.
            ["Millrace:Readiness:Accepted:probs"] = "not here",
            ["Millrace:Readiness:MaxLag"] = "00:00:05",
        });
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<Bank>()
            .ConfigureReadiness(options => options.Accept("backup", "the disk is copied each night")));
        using var host = builder.Build();
        await host.StartAsync();

        var report = await host.Services.GetRequiredService<Readiness>().Check();
        await host.StopAsync();

        Assert.Equal(
            (ReadinessAnswer.Accepted, ReadinessAnswer.Accepted),
            (Answer(report, "backup"), Answer(report, "access-control")));
        Assert.Contains(
            "the disk is copied each night", report.Items.Single(item => item.Id == "backup").Reason,
            StringComparison.Ordinal);
        Assert.False(report.IsReady);
        var misspelled = report.Items.Single(item => item.Id == "probs");
        Assert.Equal(ReadinessAnswer.No, misspelled.Answer);
        Assert.Contains("Did you mean 'probes'?", misspelled.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_are_not_valid_are_refused_at_the_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Millrace:Readiness:Accepted:backup"] = "",
        });
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<Bank>()
            .ConfigureReadiness(options => options.MaxLag = TimeSpan.Zero));
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());

        Assert.Equal(2, refused.Failures.Count());
    }

    [Fact]
    public async Task A_check_of_the_application_is_included_and_its_failure_is_not_ready()
    {
        await using var bank = await BankHost.Start(millrace => millrace.Services
            .AddTransient<IReadinessCheck, LicenceCheck>()
            .AddTransient<IReadinessCheck, FailingCheck>());

        var report = await Check(bank);

        Assert.Equal(ReadinessAnswer.Yes, Answer(report, "licence"));
        Assert.Equal(ReadinessAnswer.Unknown, Answer(report, nameof(FailingCheck)));
    }

    [Fact]
    public async Task Without_the_store_the_model_is_still_answered_and_the_rest_is_unknown()
    {
        var storage = new Millrace.Storage.InMemory.InMemoryStorage();
        await using var bank = await BankHost.Start(storage: storage);
        await storage.DisposeAsync();

        var report = await Check(bank);

        Assert.Equal(ReadinessAnswer.Yes, Answer(report, "commands"));
        Assert.Equal(ReadinessAnswer.Unknown, Answer(report, "store"));
        Assert.False(report.IsReady);
    }

    private static Task<ReadinessReport> Check(BankHost bank) =>
        bank.Services.GetRequiredService<Readiness>().Check();

    private static ReadinessAnswer Answer(ReadinessReport report, string id) =>
        report.Items.Single(item => item.Id == id).Answer;

    private sealed class LicenceCheck : IReadinessCheck
    {
        public ValueTask<IReadOnlyList<ReadinessItem>> Check(CancellationToken cancellationToken) =>
            new([new("licence", ReadinessGroup.Operation, "Is there a licence?", ReadinessAnswer.Yes, "Until 2030.")]);
    }

    private sealed class FailingCheck : IReadinessCheck
    {
        public ValueTask<IReadOnlyList<ReadinessItem>> Check(CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The licence server is down.");
    }
}
