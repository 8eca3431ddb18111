using System.Net.Sockets;
using Millrace.Storage.Objects;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Millrace.ObjectStorage;

/// <summary>
/// Runs the calls of a server with timeouts and retries, and translates their exceptions. The retries of the server's
/// client are switched off, because they do not cover the time in which a content is read.
/// </summary>
internal sealed class ObjectCalls
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    private readonly string _place;
    private readonly CallLimits _limits;
    private readonly Func<Exception, CallFailure?> _failureOf;
    private readonly ResiliencePipeline _pipeline;

    /// <summary>Creates the calls of a server.</summary>
    /// <param name="place">The display name of the place, without secrets.</param>
    /// <param name="limits">The limits of each operation.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failureOf">Translates the exceptions of the server's client; null for any other.</param>
    public ObjectCalls(string place, CallLimits limits, TimeProvider time, Func<Exception, CallFailure?> failureOf)
    {
        (_place, _limits, _failureOf) = (place, limits, failureOf);
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(limits.Timeout);
        if (limits.MaxRetries > 0)
            pipeline.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = limits.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstPause,
                MaxDelay = MaxPause,
                ShouldHandle = arguments =>
                    new(arguments.Outcome.Exception is { } exception && Translate(exception).IsRetried),
            });
        _pipeline = pipeline.AddTimeout(limits.AttemptTimeout).Build();
    }

    /// <summary>Runs an operation.</summary>
    /// <param name="what">What the operation does not achieve if it fails, such as <c>'log/1' was not read</c>.</param>
    /// <param name="attempt">One attempt.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ObjectStorageException">All attempts failed.</exception>
    public async ValueTask<T> Run<T>(
        string what, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken)
    {
        Exception? last = null;
        try
        {
            return await _pipeline.ExecuteAsync(Attempt, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ObjectStorageException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A time limit hides the failure of the last attempt.
            var cause = exception is TimeoutRejectedException ? last ?? exception : exception;
            var failure = Translate(cause);
            throw new ObjectStorageException($"{what} in {_place}: {failure.Reason}", failure.Problem, cause);
        }

        async ValueTask<T> Attempt(CancellationToken attemptToken)
        {
            try
            {
                return await attempt(attemptToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!attemptToken.IsCancellationRequested)
            {
                last = exception;
                throw;
            }
        }
    }

    private CallFailure Translate(Exception exception)
    {
        if (exception is TimeoutRejectedException)
            return CallFailure.Unreachable(
                $"it did not answer within {_limits.AttemptTimeout} (at most {_limits.Timeout} with retries).");
        if (_failureOf(exception) is { } failure)
            return failure;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException or IOException or SocketException or OperationCanceledException)
                return CallFailure.Unreachable($"it cannot be reached ({cause.Message}). Check its address.");
        }
        return new CallFailure(ObjectStorageProblem.Other, exception.Message);
    }
}
