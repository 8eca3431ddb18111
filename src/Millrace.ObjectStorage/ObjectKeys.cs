using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage;

/// <summary>Translates names of objects into keys of a server, which start with a prefix, and back.</summary>
internal sealed class ObjectKeys(string prefix)
{
    private readonly string _prefix = prefix.Length == 0 ? "" : prefix + "/";

    public static IEnumerable<string> Problems(string prefix)
    {
        if (prefix.Length > 0 && !ObjectName.IsValid(prefix))
            yield return "Prefix: must be empty or have the form of an object's name, such as 'backups/shop', without "
                + $"a slash at the end, but is '{prefix}'.";
    }

    public string KeyOf(string name)
    {
        ObjectName.Check(name);
        return _prefix + name;
    }

    public string KeyPrefixOf(string prefix)
    {
        ObjectName.CheckPrefix(prefix);
        return _prefix + prefix;
    }

    /// <summary>Returns the objects of a page, without keys that other programs have stored.</summary>
    /// <param name="page">The keys and sizes.</param>
    /// <param name="previous">The key before the page; empty for the first page.</param>
    /// <param name="place">The display name of the place.</param>
    /// <exception cref="ObjectStorageException">The server does not list keys in ordinal order.</exception>
    public IEnumerable<StoredObject> Objects(IEnumerable<(string Key, long Size)> page, string previous, string place)
    {
        foreach (var (key, size) in page)
        {
            if (string.CompareOrdinal(key, previous) <= 0)
                throw new ObjectStorageException(
                    $"The objects cannot be listed in {place}: it lists '{key}' after '{previous}'. Use a place that "
                        + "lists names in ordinal order, which directory buckets and hierarchical namespaces do not.",
                    ObjectStorageProblem.Other);
            previous = key;
            var name = key[_prefix.Length..];
            if (ObjectName.IsValid(name))
                yield return new StoredObject(name, size);
        }
    }
}
