using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Logging;

/// <summary>
/// The HTTP endpoints for the levels of logs. They exist only if the application has added <see cref="ILogLevels"/>.
/// Each node changes only its own levels.
/// </summary>
internal sealed class LogLevelEndpoints(ILogger logger)
{
    private const string Part = "category";
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromHours(1);

    private static readonly Dictionary<string, LogLevel> Levels =
        Enum.GetValues<LogLevel>().ToDictionary(level => level.ToString(), StringComparer.OrdinalIgnoreCase);

    public static void Map(OperatorRoutes routes)
    {
        if (routes.Services.GetService<ILogLevels>() is null)
            return;
        var logger = routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<LogLevelEndpoints>();
        var levels = new LogLevelEndpoints(logger);
        routes.MapRead("/log-levels", List, new("Returns the changed levels of logs of the answering node.")
        {
            Answer = typeof(IReadOnlyList<LogLevelView>),
        });
        routes.Decide(HttpMethods.Put, "/log-levels/{category}", levels.Set, new(
            "Changes the level of a category of logs on the answering node, for a limited time.")
        {
            Answer = typeof(LogLevelView),
            Body = typeof(LogLevelRequest),
        });
        routes.Decide(HttpMethods.Delete, "/log-levels/{category}", levels.Reset, new(
            "Applies the configured level of a category of logs again.")
        {
            Answer = typeof(IReadOnlyList<LogLevelView>),
        });
    }

    private static ILogLevels LevelsOf(HttpContext http) => http.RequestServices.GetRequiredService<ILogLevels>();

    private static Task List(HttpContext http) => OperatorResponse.Write(
        http,
        [.. LevelsOf(http).List().Select(LogLevelView.Of)],
        OperatorJson.Default.IReadOnlyListLogLevelView);

    private async Task Set(HttpContext http)
    {
        var category = OperatorRequest.Name(http, Part);
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        if (!Levels.TryGetValue(OperatorRequest.Required(body, "level"), out var level))
            throw OperatorRequest.BadMember(
                "level", "It must be trace, debug, information, warning, error, critical or none.");
        if (level > LogLevel.Information && IsCovered(category))
            throw OperatorRequest.BadMember(
                "level", $"In '{category}', which includes the log of these changes, it must be information or lower.");
        var duration = DurationOf(body);
        LogLevelOverride changed;
        OperatorLog.Asked(logger, http, $"log {level} for {duration} in", category);
        try
        {
            changed = LevelsOf(http).Set(category, level, duration, OperatorRequest.Caller(http));
        }
        catch (Exception refused) when (refused is ArgumentException or InvalidOperationException)
        {
            throw OperatorRequest.Bad(Part, refused.Message);
        }
        await OperatorResponse
            .Write(http, LogLevelView.Of(changed), OperatorJson.Default.LogLevelView)
            .ConfigureAwait(false);
    }

    private async Task Reset(HttpContext http)
    {
        var category = OperatorRequest.Name(http, Part);
        LevelsOf(http).Reset(category);
        OperatorLog.Asked(logger, http, "apply the configured level of", category);
        await List(http).ConfigureAwait(false);
    }

    /// <summary>Returns true if a level of the category applies to the log of changes.</summary>
    private static bool IsCovered(string category) =>
        category.Equals(ILogLevels.DefaultCategory, StringComparison.OrdinalIgnoreCase)
        || typeof(LogLevelEndpoints).FullName!.StartsWith(category, StringComparison.OrdinalIgnoreCase); // Named type.

    private static TimeSpan DurationOf(JsonObject body)
    {
        if (OperatorRequest.Text(body, "duration") is not { } text)
            return DefaultDuration;
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration)
            && duration >= TimeSpan.FromSeconds(1) && duration <= ILogLevels.MaxDuration
            ? duration
            : throw OperatorRequest.BadMember("duration", "It must be a duration from 00:00:01 to 1.00:00:00.");
    }
}
