using System.Globalization;

namespace Servers;

/// <summary>
/// Where a server of this process has its data. Directories of processes that were killed before they could remove them
/// go when the next one is made; their servers ended with them.
/// </summary>
internal static class ServerDirectory
{
    /// <summary>Makes one, and removes what others of its kind left.</summary>
    public static async Task<string> Create(string prefix)
    {
        RemoveLeftovers(prefix);
        var directory = Directory.CreateTempSubdirectory(prefix).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(directory, "owner"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return directory;
    }

    /// <summary>Gives it to the user whose programs run in it.</summary>
    public static async Task HandOver(string directory)
    {
        if (Environment.IsPrivilegedProcess)
            await PostgreSqlServer.Run("chown", "-R", WatchedProgram.User, directory);
    }

    public static void Remove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Another process removes it at this moment, or it belongs to another client.
        }
    }

    private static void RemoveLeftovers(string prefix)
    {
        foreach (var directory in Directory.GetDirectories(Path.GetTempPath(), prefix + "*"))
        {
            if (OwnerOf(directory) is { } id && !Directory.Exists($"/proc/{id}"))
                Remove(directory);
        }
    }

    /// <summary>The process that made a directory; null where that is not known, or another process removes it at this
    /// moment.</summary>
    public static int? OwnerOf(string directory)
    {
        try
        {
            return int.TryParse(File.ReadAllText(Path.Combine(directory, "owner")), out var id) ? id : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
