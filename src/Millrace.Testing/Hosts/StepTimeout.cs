namespace Millrace.Testing;

/// <summary>
/// Tells the kit's own limit from a <see cref="TimeoutException"/> of the application, which is what came of a step,
/// and can be expected.
/// </summary>
internal static class StepTimeout
{
    private static readonly object Mark = typeof(StepTimeout).FullName!; // It is no generic parameter.

    public static TimeoutException Reached(string message) => new(message) { Data = { [Mark] = true } };

    public static bool IsReached(Exception exception) => exception is TimeoutException && exception.Data.Contains(Mark);
}
