using System.Collections;
using System.Globalization;

namespace Millrace.Testing;

/// <summary>
/// Waits for what no position tells: that another node notices something, a state of a consumer, a signal of a program
/// of its own. Looks again and again, and not longer than allowed. Where a token or
/// <see cref="MillraceTestHost.Settle"/> can be waited for, do that.
/// </summary>
public static class Eventually
{
    private const int MaxShown = 20; // Of a collection.

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks until a condition holds, and returns what was seen then.</summary>
    /// <param name="look">Looks.</param>
    /// <param name="condition">What is waited for.</param>
    /// <param name="within">The longest to wait, in real time; 60 seconds by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It did not come to that; says what was seen last.</exception>
    public static async Task<T> Is<T>(
        Func<Task<T>> look,
        Func<T, bool> condition,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(look);
        ArgumentNullException.ThrowIfNull(condition);
        var (limit, started, pause) = (within ?? WaitTimeout, TimeProvider.System.GetTimestamp(), FirstPause);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seen = await look();
            if (condition(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(started) >= limit)
            {
                throw new TimeoutException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"It did not come to that within {limit.TotalSeconds} s. In the end it was: {Shown(seen)}"));
            }
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
            pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
        }
    }

    /// <summary>Waits until a consumer is as a condition wants it, and returns how it is.</summary>
    /// <param name="consumers">The consumers of the store.</param>
    /// <param name="name">The consumer.</param>
    /// <param name="condition">What is waited for.</param>
    /// <param name="within">The longest to wait, in real time; 60 seconds by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It did not come to that; says how the consumer is.</exception>
    public static Task<ConsumerStatus> Is(
        Consumers consumers,
        string name,
        Func<ConsumerStatus, bool> condition,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Is(() => consumers.Get(name, cancellationToken).AsTask(), condition, within, cancellationToken);
    }

    /// <summary>Looks until a condition holds.</summary>
    /// <inheritdoc cref="Is{T}"/>
    public static Task Holds(
        Func<bool> condition, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Is(() => Task.FromResult(condition()), static holds => holds, within, cancellationToken);
    }

    /// <summary>A collection by its items, whose type would tell nothing.</summary>
    private static object? Shown(object? seen)
    {
        if (seen is not ICollection items)
            return seen;
        var first = string.Join(
            ", ",
            items
                .Cast<object?>()
                .Take(MaxShown)
                .Select(static item => Convert.ToString(item, CultureInfo.InvariantCulture)));
        return $"{items.Count} items: {first}{(items.Count > MaxShown ? ", …" : "")}";
    }
}
