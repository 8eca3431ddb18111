using System.Diagnostics;
using System.Globalization;

namespace Millrace;

/// <summary>
/// Runs a program that sets the number of nodes. It gets the environment variables <c>MILLRACE_NODES</c>,
/// <c>MILLRACE_PREVIOUS_NODES</c>, <c>MILLRACE_CAPACITY_REASON</c> and <c>MILLRACE_CHANGE_ID</c>. An exit code other
/// than 0 is an error.
/// </summary>
/// <param name="program">The program.</param>
/// <param name="arguments">The arguments.</param>
public sealed class CapacityScript(string program, params IReadOnlyList<string> arguments) : ICapacityHook
{
    private const int MaxError = 500;

    /// <inheritdoc/>
    public async Task SetNodes(CapacityChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["MILLRACE_NODES"] = change.Nodes.ToString(CultureInfo.InvariantCulture);
        start.Environment["MILLRACE_PREVIOUS_NODES"] = change.PreviousNodes.ToString(CultureInfo.InvariantCulture);
        start.Environment["MILLRACE_CAPACITY_REASON"] = change.Reason.ToString();
        start.Environment["MILLRACE_CHANGE_ID"] = change.Id;
        using var process = Process.Start(start)
            ?? throw new InvalidOperationException($"'{program}' did not start.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new InvalidOperationException(
                    $"'{program}' ended with exit code {process.ExitCode}: {Shorten(error.Trim())}");
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
        }
    }

    private static string Shorten(string error) => error.Length <= MaxError ? error : error[..MaxError];

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
