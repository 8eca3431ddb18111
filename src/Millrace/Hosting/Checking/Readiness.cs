using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Hosting;
using Millrace.Hosting.Checking;
using Millrace.Shared.Settings;

namespace Millrace;

/// <summary>
/// Checks whether the running application is ready for production: its design, its implementation and its operation.
/// Each no has its reason and what to do. With tenants, use it in the scope of a tenant.
/// </summary>
public sealed partial class Readiness
{
    private const string CheckFailed = "The check failed. The application's log contains the error.";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly IServiceProvider _services;
    private readonly ReadinessOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal Readiness(IServiceProvider services)
    {
        _services = services;
        _options = services.GetRequiredService<IOptions<ReadinessOptions>>().Value;
        _time = services.GetRequiredService<TimeProvider>();
        _logger = StoreServiceFactory.Loggers(services).CreateLogger<Readiness>();
    }

    /// <summary>Answers all questions. It reads from the store and changes nothing.</summary>
    /// <param name="cancellationToken">Cancels the check.</param>
    public async Task<ReadinessReport> Check(CancellationToken cancellationToken = default)
    {
        var items = new List<ReadinessItem>();
        foreach (var check in CreateChecks())
            items.AddRange(await Run(check, cancellationToken).ConfigureAwait(false));
        var answered = items.Select(static item => item.Id).ToHashSet(StringComparer.Ordinal);
        items.AddRange(ReadinessQuestion.All
            .Where(question => !answered.Contains(question.Id))
            .Select(static question => question.Unknown(CheckFailed)));
        var all = items.Select(Accept).Concat(UnknownAccepted(items));
        return new ReadinessReport(_time.GetUtcNow(), [.. all.OrderBy(Order)]);
    }

    private IReadinessCheck[] CreateChecks()
    {
        try
        {
            return [.. _services.GetServices<IReadinessCheck>()];
        }
#pragma warning disable CA1031 // A check of the application that cannot be created is reported, and not thrown.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(_logger, nameof(IReadinessCheck), exception);
            return [];
        }
    }

    private static (ReadinessGroup Group, int Index) Order(ReadinessItem item)
    {
        var index = ReadinessQuestion.All.Index().FirstOrDefault(one => one.Item.Id == item.Id, (int.MaxValue, null!));
        return (item.Group, index.Index);
    }

    /// <summary>Runs a check. If it fails, its questions have no answer.</summary>
    private async Task<IReadOnlyList<ReadinessItem>> Run(IReadinessCheck check, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return await Task.Run(() => check.Check(limited.Token).AsTask(), limited.Token)
                .WaitAsync(Timeout, _time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // One check that fails must not hide the answers of the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(_logger, check.GetType().Name, exception);
            return check.GetType().Assembly == typeof(Readiness).Assembly ? [] : [UnknownCheck(check)];
        }
        finally
        {
            await limited.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Returns a no for each accepted id that no question has, such as one that is misspelled.</summary>
    private IEnumerable<ReadinessItem> UnknownAccepted(List<ReadinessItem> items)
    {
        var ids = items.Select(static item => item.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var id in _options.Accepted.Keys.Where(id => !ids.Contains(id)).ToList())
        {
            var suggestion = NameSuggestions.To(id, ids) is { } near ? $" Did you mean '{near}'?" : "";
            yield return new ReadinessItem(
                id, ReadinessGroup.Operation, $"Is the accepted question '{id}' known?", ReadinessAnswer.No,
                "There is no question with this id.")
            {
                Remedy = $"Correct or remove Millrace:Readiness:Accepted:{id}.{suggestion}",
            };
        }
    }

    private static ReadinessItem UnknownCheck(IReadinessCheck check) => new(
        check.GetType().Name,
        ReadinessGroup.Operation,
        $"Does the check {check.GetType().Name} work?",
        ReadinessAnswer.Unknown,
        CheckFailed);

    private ReadinessItem Accept(ReadinessItem item) =>
        item.Answer == ReadinessAnswer.No && _options.Accepted.TryGetValue(item.Id, out var reason)
            ? item with
            {
                Answer = ReadinessAnswer.Accepted,
                Reason = $"{item.Reason} Accepted: {reason}",
                Remedy = null,
            }
            : item;

    private static partial class Log
    {
        [LoggerMessage(EventId = 5051, Level = LogLevel.Warning, Message = "The readiness check {Check} failed.")]
        public static partial void Failed(ILogger logger, string check, Exception exception);
    }
}
