using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators can change the levels of logs over HTTP.</summary>
public sealed class LogLevelEndpointTests
{
    private const string Root = "/millrace/log-levels";

    [Fact]
    public async Task A_level_is_changed_listed_and_reset()
    {
        var levels = new RecordedLevels();
        await using var app = await Start(levels);

        var changed = await (await app.Client.PutAsJsonAsync(
            $"{Root}/Millrace.Consuming", new { level = "debug", duration = "00:10:00" })).Json();
        var listed = await (await app.Client.GetAsync(Root)).Json();
        var left = await (await app.Client.DeleteAsync($"{Root}/Millrace.Consuming")).Json();

        Assert.Equal(("Millrace.Consuming", LogLevel.Debug, TimeSpan.FromMinutes(10), "ada"), levels.LastSet);
        Assert.Equal("debug", changed.GetProperty("level").GetString());
        Assert.Equal("Millrace.Consuming", listed[0].GetProperty("category").GetString());
        Assert.Equal(0, left.GetArrayLength());
    }

    [Fact]
    public async Task Without_a_duration_the_change_lasts_an_hour()
    {
        var levels = new RecordedLevels();
        await using var app = await Start(levels);

        await app.Client.PutAsJsonAsync($"{Root}/Default", new { level = "Information" });

        Assert.Equal(("Default", LogLevel.Information, TimeSpan.FromHours(1), "ada"), levels.LastSet);
    }

    [Theory]
    [InlineData("loud", "00:01:00")]
    [InlineData("debug", "soon")]
    [InlineData("debug", "2.00:00:00")]
    public async Task Invalid_requests_are_refused(string level, string duration)
    {
        await using var app = await Start(new RecordedLevels());

        var response = await app.Client.PutAsJsonAsync($"{Root}/Shop", new { level, duration });

        Assert.Equal((400, "malformed-request"), await response.Problem());
    }

    [Theory]
    [InlineData("Default")]
    [InlineData("Millrace")]
    public async Task The_log_of_changes_cannot_be_hidden(string category)
    {
        var levels = new RecordedLevels();
        await using var app = await Start(levels);

        var response = await app.Client.PutAsJsonAsync($"{Root}/{category}", new { level = "none" });

        Assert.Equal((400, "malformed-request"), await response.Problem());
        Assert.Empty(levels.List());
    }

    [Fact]
    public async Task Without_the_permission_to_decide_levels_can_only_be_read()
    {
        await using var app = await Start(new RecordedLevels(), allowDecisions: false);

        var read = await app.Client.GetAsync(Root);
        var change = await app.Client.PutAsJsonAsync($"{Root}/Shop", new { level = "debug" });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (read.StatusCode, change.StatusCode));
    }

    private static Task<LibraryApp> Start(RecordedLevels levels, bool allowDecisions = true) =>
        OperatorsApp.Start(allowDecisions, millrace => millrace.Services.AddSingleton<ILogLevels>(levels));

    private sealed class RecordedLevels : ILogLevels
    {
        private readonly List<LogLevelOverride> _all = [];

        public (string Category, LogLevel Level, TimeSpan Duration, string By) LastSet { get; private set; }

        public IReadOnlyList<LogLevelOverride> List() => _all;

        public LogLevelOverride Set(string category, LogLevel level, TimeSpan duration, string by)
        {
            LastSet = (category, level, duration, by);
            var changed = new LogLevelOverride(category, level, DateTimeOffset.UnixEpoch + duration, by);
            _all.Add(changed);
            return changed;
        }

        public bool Reset(string category) => _all.RemoveAll(changed => changed.Category == category) > 0;
    }
}
