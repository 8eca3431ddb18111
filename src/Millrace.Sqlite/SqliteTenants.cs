using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Tenants with one file each, in one directory.</summary>
/// <remarks>Safe to use from several threads and by several programs.</remarks>
public sealed class SqliteTenants : ITenantStorage
{
    private const string Placeholder = "{tenant}";

    private static readonly string[] SideFiles = ["-wal", "-shm"];

    private readonly SqliteOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger? _logger;
    private readonly string _directory;
    private readonly (string Before, string After) _name;

    /// <summary>Creates the tenant storage for a directory.</summary>
    /// <param name="options">The options of each file. The file name contains <c>{tenant}</c>.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <exception cref="ArgumentException">One or more options are out of range. The message lists all of
    /// them.</exception>
    public SqliteTenants(SqliteOptions options, TimeProvider? time = null)
        : this(options, time, logger: null)
    {
    }

    internal SqliteTenants(SqliteOptions options, TimeProvider? time, ILogger? logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _logger = logger;
        _options = options.Copy();
        _time = time ?? TimeProvider.System;
        var problems = _options.Problems().ToList();
        var name = Path.GetFileName(_options.Path);
        var parts = name.Split(Placeholder);
        if (parts.Length != 2 || IsTemplate(Path.GetDirectoryName(_options.Path)))
            problems.Add("Path: {tenant} must occur in the name of the file exactly once.");
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _directory = Path.GetDirectoryName(Path.GetFullPath(_options.Path))!; // A file always has a directory.
        _name = (parts[0], parts[1]);
    }

    /// <inheritdoc/>
    public string Description => $"SQLite {_options.Path}";

    /// <inheritdoc/>
    public bool HasOwnTables => true;

    /// <inheritdoc/>
    /// <remarks>Creates the directory if it does not exist.</remarks>
    public ValueTask Open(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(_directory);
            return ValueTask.CompletedTask;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The directory '{_directory}' for the files of tenants cannot be created: {failure.Message}",
                StorageProblem.Unavailable,
                failure);
        }
    }

    /// <inheritdoc/>
    public IStorage Of(TenantId tenant) => Of(tenant, _options.IsReadOnly);

    /// <inheritdoc/>
    public IStorage OfReadOnly(TenantId tenant) => Of(tenant, isReadOnly: true);

    /// <inheritdoc/>
    public ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken) =>
        ValueTask.FromResult(File.Exists(PathOf(tenant)));

    /// <inheritdoc/>
    /// <remarks>
    /// Creates an empty file, which gets its tables when it is first opened. If several programs do so, one succeeds.
    /// </remarks>
    public ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken)
    {
        var path = PathOf(tenant);
        try
        {
            using var _ = new FileStream(path, FileMode.CreateNew);
            return ValueTask.FromResult(true);
        }
        catch (IOException) when (File.Exists(path))
        {
            return ValueTask.FromResult(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The file '{path}' cannot be created: {failure.Message}", StorageProblem.InputOutput, failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken)
    {
        var path = PathOf(tenant);
        if (!File.Exists(path))
            return ValueTask.FromResult(false);
        try
        {
            File.Delete(path); // First: the files next to it are meaningless without it.
            foreach (var suffix in SideFiles)
                File.Delete(path + suffix);
            return ValueTask.FromResult(true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The file '{path}' cannot be removed: {failure.Message}", StorageProblem.InputOutput, failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken)
    {
        var tenants = new List<TenantId>();
        foreach (var path in Directory.EnumerateFiles(_directory))
        {
            var name = Path.GetFileName(path);
            if (name.Length > _name.Before.Length + _name.After.Length
                && name.StartsWith(_name.Before, StringComparison.Ordinal)
                && name.EndsWith(_name.After, StringComparison.Ordinal)
                && TenantId.TryParse(name[_name.Before.Length..^_name.After.Length], out var tenant))
                tenants.Add(tenant);
        }
        tenants.Sort(static (one, other) => string.CompareOrdinal(one.Value, other.Value));
        return ValueTask.FromResult<IReadOnlyList<TenantId>>(tenants);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Returns true if each tenant has its own file.</summary>
    internal static bool IsTemplate(string? path) => path?.Contains(Placeholder, StringComparison.Ordinal) == true;

    private SqliteStorage Of(TenantId tenant, bool isReadOnly)
    {
        var options = _options.Copy();
        (options.Path, options.IsReadOnly) = (PathOf(tenant), isReadOnly);
        return new SqliteStorage(options, _time, _logger);
    }

    private string PathOf(TenantId tenant) => Path.Combine(_directory, _name.Before + tenant.Value + _name.After);
}
