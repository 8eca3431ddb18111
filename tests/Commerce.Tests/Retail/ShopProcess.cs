using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Retail;

/// <summary>The shop in a separate process.</summary>
public sealed class ShopProcess : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(9);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;
    private readonly TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ShopProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = ReadError(process.StandardError);
    }

    public static ShopProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ShopApplication).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new ShopProcess(Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start."));
    }

    /// <summary>Imports a file and returns the summary, which must be the only text on standard output.</summary>
    public static async Task<JsonNode> Summary(string file, string data, params string[] furtherArguments)
    {
        using var shop = Start(["--retail", file, "--data", data, "--summary", .. furtherArguments]);
        var (code, output, error) = await shop.End();
        Assert.True(code == 0, error);
        return JsonNode.Parse(output)!; // The program prints a JSON object.
    }

    /// <summary>Waits until the program reports its progress for the first time.</summary>
    public Task FirstProgress() => _progress.Task.WaitAsync(WaitTimeout);

    public void Kill() => _process.Kill();

    public async Task<(int Code, string Output, string Error)> End()
    {
        await _process.WaitForExitAsync().WaitAsync(WaitTimeout);
        return (_process.ExitCode, await _output, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<string> ReadError(StreamReader error)
    {
        var text = "";
        while (await error.ReadLineAsync() is { } line)
        {
            text += line + "\n";
            _progress.TrySetResult();
        }

        return text;
    }
}
