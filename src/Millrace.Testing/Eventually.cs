using System.Collections;
using System.Globalization;

namespace Millrace.Testing;

/// <summary>
/// Polls until a condition is met or a timeout expires. Use this class for conditions without a position in the log,
/// such as the state of a consumer, an effect on another node or a signal of another program. Prefer to wait for a
/// consistency token or for <see cref="MillraceTestHost.Settle"/> where possible. The pause between two reads is a
/// tenth of the time waited, from 1 to 100 milliseconds, so a condition that holds for a shorter time can be missed.
/// </summary>
public static class Eventually
{
    private const int MaxDisplayedItems = 20;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Polls a value until a condition is met, and returns the value.</summary>
    /// <param name="read">Reads the value.</param>
    /// <param name="condition">The condition to wait for.</param>
    /// <param name="within">The timeout in real time. The default is 60 seconds.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimeoutException">The condition was not met in time. The message contains the last
    /// value.</exception>
    public static async Task<T> Get<T>(
        Func<Task<T>> read,
        Func<T, bool> condition,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(condition);
        var limit = within ?? WaitTimeout;
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var value = await read();
            if (condition(value))
                return value;
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            if (elapsed >= limit)
            {
                throw new TimeoutException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The condition did not hold within {limit.TotalSeconds} s. The last value was: {Display(value)}"));
            }
            await Task.Delay(GetPause(elapsed), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Waits until a consumer meets a condition, and returns its status.</summary>
    /// <param name="consumers">The consumers of the store.</param>
    /// <param name="name">The name of the consumer.</param>
    /// <param name="condition">The condition to wait for.</param>
    /// <param name="within">The timeout in real time. The default is 60 seconds.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimeoutException">The condition was not met in time. The message contains the consumer's
    /// status.</exception>
    public static Task<ConsumerStatus> Get(
        Consumers consumers,
        string name,
        Func<ConsumerStatus, bool> condition,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Get(() => consumers.Get(name, cancellationToken).AsTask(), condition, within, cancellationToken);
    }

    /// <summary>Polls until a condition is met.</summary>
    /// <inheritdoc cref="Get{T}"/>
    public static Task Until(
        Func<bool> condition, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Get(() => Task.FromResult(condition()), static holds => holds, within, cancellationToken);
    }

    /// <summary>Returns a pause that grows with the time waited: a poll costs time on a busy machine.</summary>
    private static TimeSpan GetPause(TimeSpan elapsed) =>
        TimeSpan.FromTicks(Math.Clamp(elapsed.Ticks / 10, MinPause.Ticks, MaxPause.Ticks));

    /// <summary>
    /// Returns the items of a collection, because the name of its type does not describe its content.
    /// </summary>
    private static object? Display(object? value)
    {
        if (value is not ICollection items)
            return value;
        var first = string.Join(
            ", ",
            items
                .Cast<object?>()
                .Take(MaxDisplayedItems)
                .Select(static item => Convert.ToString(item, CultureInfo.InvariantCulture)));
        return $"{items.Count} items: {first}{(items.Count > MaxDisplayedItems ? ", …" : "")}";
    }
}
