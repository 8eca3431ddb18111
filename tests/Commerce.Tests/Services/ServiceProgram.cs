using System.Diagnostics;
using System.Text;
using Commerce.Tests.Payments;

namespace Commerce.Tests.Services;

/// <summary>A service of the shop as a separate program.</summary>
internal sealed class ServiceProgram(string[] arguments) : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly StringBuilder _output = new();
    private Process? _process;

    /// <summary>Gets additional environment variables. The default is none.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the address of the service since its last start.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Gets the standard error output of the service.</summary>
    public string ErrorOutput
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts the service, and returns when the service prints its address.</summary>
    public async Task Start()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ShopApplication).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                [ShopOptions.SecretVariable] = RunningCardPayments.Secret,
                ["Millrace__Kafka__CreatesTopics"] = "false", // The test broker creates topics on request.
            },
        };
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        var process = _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_output)
                _output.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
        var first = await process.StandardOutput.ReadLineAsync().WaitAsync(WaitTimeout);
        Address = new Uri(
            first?.Split(' ')[^1]
            ?? throw new InvalidOperationException($"The service did not start: {ErrorOutput}"));
    }

    /// <summary>Kills the service, as a crash does.</summary>
    public void Kill()
    {
        if (_process is not { HasExited: false } process)
            return;
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Restarts the service after a kill.</summary>
    public Task Restart()
    {
        Kill();
        _process?.Dispose();
        return Start();
    }

    /// <summary>Stops the service as Ctrl-C does, and returns its exit code.</summary>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process!.Id}"]); // The caller has started the service.
        await _process.WaitForExitAsync().WaitAsync(WaitTimeout);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
    }
}
