using System.Globalization;

namespace Servers;

/// <summary>
/// Creates and removes the data directories of the servers of this process. A new directory also removes the
/// directories of killed processes, whose servers stopped with them.
/// </summary>
internal static class ServerDirectory
{
    /// <summary>Creates a directory and removes leftover directories with the same prefix.</summary>
    public static async Task<string> Create(string prefix)
    {
        RemoveLeftovers(prefix);
        var directory = Directory.CreateTempSubdirectory(prefix).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(directory, "owner"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return directory;
    }

    /// <summary>Makes the user of the server the owner of the directory.</summary>
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
            // Another process is removing the directory, or another user owns it.
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

    /// <summary>
    /// Returns the id of the process that created a directory, or null if the id is unknown or the directory is gone.
    /// </summary>
    public static int? OwnerOf(string directory)
    {
        try
        {
            return int.TryParse(File.ReadAllText(Path.Combine(directory, "owner")), out var id) ? id : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
