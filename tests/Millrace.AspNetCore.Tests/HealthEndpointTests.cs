using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.AspNetCore.Health;
using Millrace.Storage.InMemory;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

public sealed class HealthEndpointTests
{
    [Fact]
    public async Task A_running_node_is_healthy()
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var health = await response.Json();
        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Equal(1, health.GetProperty("consumers").EnumerateObject().Sum(state => state.Value.GetInt32()));
    }

    [Fact]
    public async Task A_node_that_audits_its_log_reports_its_progress_and_findings()
    {
        await using var app = await LibraryApp.Start(builder =>
            builder.Services.AddMillrace(millrace => millrace.AddLogAudit()));

        var health = await (await app.Client.GetAsync("/health")).Json();

        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Equal(0, health.GetProperty("audit").GetProperty("problems").GetInt64());
        Assert.True(health.GetProperty("audit").GetProperty("position").GetInt64() >= 0);
    }

    [Fact]
    public async Task A_node_that_backs_up_its_store_reports_what_waits()
    {
        await using var app = await LibraryApp.Start(builder => builder.Services.AddMillrace(millrace =>
            millrace.UseBackup(new DirectoryObjectStorage("no-such-directory"))));

        var backup = await Eventually.Get(
            async () => (await (await app.Client.GetAsync("/health")).Json()).TryGetProperty("backup", out var found)
                ? found
                : default,
            static found => found.ValueKind == JsonValueKind.Object);

        Assert.Equal(0, backup.GetProperty("waitingEvents").GetInt64());
        Assert.False(backup.TryGetProperty("restorablePosition", out _)); // Storage in memory is not backed up.
    }

    [Theory]
    [InlineData(BackupProblem.RestoredStore, "it was restored")]
    [InlineData(BackupProblem.ReplacedStore, "has replaced it")]
    [InlineData(BackupProblem.Other, "7 events are not backed up")]
    public void A_refused_backup_is_a_reason(BackupProblem problem, string reason)
    {
        var backup = new BackupStatus
        {
            Store = Guid.Empty,
            Place = "place",
            Position = 1,
            WaitingEvents = 7,
            Problem = problem,
            IsLate = true,
        };

        var health = new HealthSnapshot(null, [], [], null, [backup]);

        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains(reason, Assert.Single(health.Reasons), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the place is away", null, "Archived events cannot be read.")]
    [InlineData(null, "the disk is full", "The last scheduled archive run failed.")]
    [InlineData(null, null, null)]
    public void A_failing_archive_is_a_reason(string? readError, string? runError, string? reason)
    {
        var archive = new ArchiveStatus
        {
            SegmentReads = 1,
            CacheHits = 2,
            ReadFailures = 3,
            ReadError = readError,
            LastRun = new ArchiveScheduledRun(default, default) { Error = runError },
        };

        var health = new HealthSnapshot(null, [], [], null, []) { Archive = archive };

        Assert.Equal(reason is null ? [] : [reason], health.Reasons);
        Assert.Equal(reason is null ? HealthStatus.Healthy : HealthStatus.Degraded, health.Status);
    }

    [Fact]
    public async Task The_health_checks_of_ASP_NET_Core_show_the_same_state()
    {
        await using var app = await LibraryApp.Start(
            builder =>
            {
                builder.Services.AddMillrace(millrace => millrace.AddLogAudit());
                builder.Services.AddHealthChecks().AddMillrace();
            },
            web =>
                web.MapHealthChecks(
                    "/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("millrace") }));

        var ready = await app.Client.GetAsync("/ready");
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal((HttpStatusCode.OK, "Healthy"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        var check = report.Entries["millrace"];
        Assert.Equal(HealthStatus.Healthy, check.Status);
        Assert.Equal(
            1,
            check
                .Data.Where(data => data.Key.StartsWith("consumers.", StringComparison.Ordinal))
                .Sum(data => (int)data.Value));
        Assert.Equal(0L, check.Data["audit.problems"]);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    [InlineData(HealthStatus.Degraded, HttpStatusCode.OK, "Degraded")]
    public async Task A_failing_health_check_reports_the_registered_failure_status(
        HealthStatus? failure, HttpStatusCode status, string text)
    {
        var storage = new InMemoryStorage();
        await using var app = await LibraryApp.Start(
            builder =>
            {
                builder.Services.AddMillrace(millrace => millrace.UseStorage(_ => storage));
                builder.Services.AddHealthChecks().AddMillrace(failureStatus: failure);
            },
            web => web.MapHealthChecks("/ready"));
        await storage.DisposeAsync();

        var ready = await app.Client.GetAsync("/ready");
        var health = await app.Client.GetAsync("/health");

        Assert.Equal((status, text), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public async Task A_node_whose_store_cannot_be_read_is_unhealthy()
    {
        var storage = new InMemoryStorage();
        await using var app = await LibraryApp.Start(
            builder => builder.Services.AddMillrace(millrace => millrace.UseStorage(_ => storage)));
        await storage.DisposeAsync();

        var response = await app.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("unhealthy", (await response.Json()).GetProperty("status").GetString());
    }
}
