namespace Millrace.Monitoring;

/// <summary>
/// Decides which errors are logged: another error of a step or rule at once, and the same error again after a time. Not
/// thread-safe.
/// </summary>
/// <param name="time">The clock of the node.</param>
internal sealed class ReportedErrors(TimeProvider time)
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, (string Error, long At)> _errors = new(StringComparer.Ordinal);

    /// <summary>Returns whether an error must be logged.</summary>
    /// <param name="subject">The step, rule or channel with the error.</param>
    /// <param name="exception">The error.</param>
    public bool IsNew(string subject, Exception exception)
    {
        var error = $"{exception.GetType()}: {exception.Message}";
        if (_errors.TryGetValue(subject, out var last) && last.Error == error
            && time.GetElapsedTime(last.At) < RepeatAfter)
            return false;
        _errors[subject] = (error, time.GetTimestamp());
        return true;
    }

    /// <summary>Forgets the error of a step, rule or channel that succeeded.</summary>
    public void Clear(string subject) => _errors.Remove(subject);
}
