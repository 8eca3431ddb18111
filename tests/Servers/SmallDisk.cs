using System.Globalization;

namespace Servers;

/// <summary>A file system of its own in memory that can be made full, for a tablespace. Needs the right to mount.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private const string Prefix = "millrace-disk-";

    private readonly string _root;
    private readonly int _megabytes;

    private SmallDisk(string root, int megabytes) => (_root, _megabytes) = (root, megabytes);

    /// <summary>Whether this process may mount; elsewhere nothing can be made full without harm to others.</summary>
    public static bool IsPossible { get; } = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && TryMount();

    /// <summary>An empty directory on it that belongs to the servers' user.</summary>
    public string Directory => Path.Combine(_root, "disk", "space");

    /// <summary>Mounts one.</summary>
    /// <param name="megabytes">How much it holds until it is made full.</param>
    public static async Task<SmallDisk> Mount(int megabytes)
    {
        await RemoveLeftovers();
        var root = System.IO.Directory.CreateTempSubdirectory(Prefix).FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "owner"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var place = System.IO.Directory.CreateDirectory(Path.Combine(root, "disk")).FullName;
        await PostgreSqlServer.Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0777", "millrace", place);
        var disk = new SmallDisk(root, megabytes);
        System.IO.Directory.CreateDirectory(disk.Directory);
        await PostgreSqlServer.Run("chown", WatchedProgram.User, disk.Directory);
        await PostgreSqlServer.Run("chmod", "755", root);
        return disk;
    }

    /// <summary>Leaves no room: it holds no more than it does now.</summary>
    public Task Fill()
    {
        var drive = new DriveInfo(Path.Combine(_root, "disk"));
        var used = (drive.TotalSize - drive.TotalFreeSpace) / 1024;
        return Resize(string.Create(CultureInfo.InvariantCulture, $"{used}k"));
    }

    /// <summary>Makes room again.</summary>
    public Task Empty() => Resize(string.Create(CultureInfo.InvariantCulture, $"{_megabytes}m"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Remove(_root);

    private Task Resize(string size) => PostgreSqlServer.Run("mount", "-o", $"remount,size={size}", Path.Combine(_root, "disk"));

    private static bool TryMount()
    {
        var place = System.IO.Directory.CreateTempSubdirectory(Prefix + "try-").FullName;
        try
        {
            PostgreSqlServer.Run("mount", "-t", "tmpfs", "-o", "size=1m", "millrace", place).GetAwaiter().GetResult();
            PostgreSqlServer.Run("umount", place).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            System.IO.Directory.Delete(place);
        }
    }

    /// <summary>Those of processes that were killed before they could remove them.</summary>
    private static async Task RemoveLeftovers()
    {
        foreach (var root in System.IO.Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = Path.Combine(root, "owner");
            if (File.Exists(owner) && int.TryParse(await File.ReadAllTextAsync(owner), out var id)
                && !System.IO.Directory.Exists($"/proc/{id}"))
                await Remove(root);
        }
    }

    private static async Task Remove(string root)
    {
        try
        {
            await PostgreSqlServer.Run("umount", "-l", Path.Combine(root, "disk"));
        }
        catch (InvalidOperationException)
        {
            // It is not mounted any more.
        }
        System.IO.Directory.Delete(root, recursive: true);
    }
}
