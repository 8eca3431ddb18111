using System.Diagnostics;
using System.Globalization;
using Millrace.Cli.Output;

namespace Millrace.Cli.Doctor;

/// <summary>Checks the location of the store's file, and the machine.</summary>
internal sealed class MachineDoctorCheck(string file, TimeProvider time)
{
    private const int SyncCount = 15;
    private static readonly string[] NetworkFileSystems =
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smbfs",
        "9p",
        "fuse.sshfs",
        "afpfs",
        "webdav",
    ];
    private static readonly TimeSpan SdkTimeout = TimeSpan.FromSeconds(10);

    private readonly string _directory = Path.GetDirectoryName(Path.GetFullPath(file))!; // A file path has a directory.

    public IEnumerable<Finding> CheckLocation() =>
    [
        RunCheck("disk-space", () => FreeSpace(new DriveInfo(_directory), new FileInfo(file).Length)),
        RunCheck("disk-kind", () => Kind(new DriveInfo(_directory).DriveFormat)),
        RunCheck("permissions", Permissions),
        RunCheck("environment", Environment),
    ];

    /// <summary>Runs a check. If the check fails, returns a finding, so that the other checks still run.</summary>
    private static Finding RunCheck(string check, Func<Finding> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return new Finding(
                check, Severity.Note, $"This check failed to run: {exception.Message}",
                "Problems of this kind are not detected.",
                "Run the doctor as the user of the application.");
        }
    }

    private static Finding Kind(string format) =>
        NetworkFileSystems.Contains(format.ToLowerInvariant())
            ? new Finding(
                "disk-kind",
                Severity.Problem,
                $"The file lies on a network file system ({format}).",
                "SQLite's write-ahead log needs shared memory and reliable locks. Over a network, both can fail "
                    + "silently.",
                "Move the file to a local disk.")
            : Finding.Ok("disk-kind", $"The file lies on a local disk ({format}).");

    /// <summary>Measures the time to make a few bytes durable, which is the minimum duration of an append.</summary>
    public Finding SyncProbe()
    {
        var probe = Path.Combine(_directory, ".millrace-doctor-" + Guid.CreateVersion7(time.GetUtcNow()).ToString("N"));
        try
        {
            using var stream = new FileStream(
                probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            var times = new List<TimeSpan>();
            for (var i = 0; i < SyncCount; i++)
            {
                var started = time.GetTimestamp();
                stream.Write(new byte[4096]);
                stream.Flush(flushToDisk: true);
                times.Add(time.GetElapsedTime(started));
            }
            times.Sort();
            return ReportSyncLatency(times[SyncCount / 2], times[^1]);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return new Finding(
                "disk-speed",
                Severity.Note,
                $"The disk's speed was not measured: {exception.Message}",
                "The measurement writes a few bytes in the folder of the store.",
                "Run the doctor as the user of the application.");
        }
    }

    public static async Task<Finding> Sdk(CancellationToken cancellationToken)
    {
        var runtime = System.Environment.Version;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SdkTimeout);
        try
        {
            var start = new ProcessStartInfo("dotnet", ["--list-sdks"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            // The result is null only when the shell reuses a process.
            using var process = Process.Start(start)!;
            var sdks = (await process.StandardOutput.ReadToEndAsync(limit.Token))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(line => line.Split(' ')[0]).ToList();
            await process.WaitForExitAsync(limit.Token);
            if (sdks.Any(sdk =>
                    int.TryParse(sdk.Split('.')[0], CultureInfo.InvariantCulture, out var major) && major >= 10))
                return Finding.Ok("sdk", $".NET {runtime}, SDK {sdks[^1]}.");
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The finding below reports that no SDK responds.
        }
        return new Finding(
            "sdk", Severity.Note, $".NET {runtime}, and no SDK of version 10 or later.",
            "The tool and applications run without it. Builds, 'dotnet new' and tests require it.",
            "Install the .NET SDK where you build.");
    }

    private static Finding ReportSyncLatency(TimeSpan median, TimeSpan worst)
    {
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"Making 4 KiB durable takes {median.TotalMilliseconds:0.0#} ms (the slowest of {SyncCount}: "
                + $"{worst.TotalMilliseconds:0.0#} ms)."
        );
        return median < DoctorThresholds.SlowSync
            ? Finding.Ok("disk-speed", message)
            : new Finding(
                "disk-speed", Severity.Warning, message,
                "Every append waits for the disk. Concurrent appends share one sync, but a single one takes at least "
                    + "this long.",
                "Use a disk with a write cache that survives a power cut, or append from several tasks at once.");
    }

    private static Finding FreeSpace(DriveInfo drive, long size)
    {
        var free = drive.AvailableFreeSpace;
        var message = $"{ByteSizeText.Of(free)} are free, and the store uses {ByteSizeText.Of(size)}.";
        if (free < DoctorThresholds.MinFreeBytes)
            return new Finding(
                "disk-space",
                Severity.Problem,
                message,
                "On a full disk every append fails. No data is lost, but no new data is stored.",
                "Free disk space, or move the file.");
        return free > size + DoctorThresholds.MinFreeBytes
            ? Finding.Ok("disk-space", message)
            : new Finding(
                "disk-space",
                Severity.Warning,
                message,
                "A backup, or building a read model beside the one in use, may not fit.",
                "Free disk space, or back up to another disk.");
    }

    private Finding Permissions()
    {
        try
        {
            File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return new Finding(
                "permissions",
                Severity.Note,
                "The file is readable, but not writable.",
                "Read commands work. Appends, consumers and commands that change them fail.",
                "Run the tool as the user of the application.");
        }
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & UnixFileMode.OtherWrite) != 0)
            return new Finding(
                "permissions", Severity.Warning, "All users of this machine can write the file.",
                "A user with write access can change history, and the application does not detect it.",
                $"Remove the permission: chmod o-rw {file}");
        return Finding.Ok("permissions", "The file is readable and writable.");
    }

    private static Finding Environment()
    {
        var store = System.Environment.GetEnvironmentVariable(GlobalOptions.StoreVariable);
        return store is { Length: > 0 } && !File.Exists(store)
            ? new Finding(
                "environment",
                Severity.Warning,
                $"{GlobalOptions.StoreVariable} is set to '{store}', which does not exist.",
                "Commands without --store fail.",
                $"Set it to the store's file, or unset {GlobalOptions.StoreVariable}.")
            : Finding.Ok(
                "environment",
                store is { Length: > 0 }
                    ? $"{GlobalOptions.StoreVariable} is {store}."
                    : "The environment specifies no store.");
    }
}
