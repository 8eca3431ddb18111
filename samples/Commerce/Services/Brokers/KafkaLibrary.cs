using System.Reflection;
using System.Runtime.InteropServices;

namespace Commerce.Services.Brokers;

/// <summary>The native library of Kafka's client.</summary>
internal static class KafkaLibrary
{
    private static readonly Lock Turn = new();
    private static bool _isUsed;

    /// <summary>Has the client take the library of this machine, where no package has brought one.</summary>
    public static void Use()
    {
        lock (Turn)
        {
            if (!_isUsed)
                NativeLibrary.SetDllImportResolver(typeof(Confluent.Kafka.Library).Assembly, Resolve);
            _isUsed = true;
        }
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name.Contains("librdkafka", StringComparison.Ordinal) && !NativeLibrary.TryLoad(name, assembly, path, out _)
            && NativeLibrary.TryLoad("librdkafka.so.1", out var library)
            ? library
            : IntPtr.Zero;
}
