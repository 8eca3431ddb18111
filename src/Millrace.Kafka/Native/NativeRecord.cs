using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>
/// A record in the memory of librdkafka, until it is disposed. If <see cref="IsNone"/> is true, no other member may be
/// used.
/// </summary>
internal readonly unsafe ref struct NativeRecord(NativeMessage* message)
{
    /// <summary>Gets whether no record came in time.</summary>
    public bool IsNone => message is null;

    /// <summary>Gets the error that came instead of a record.</summary>
    public ErrorCode Error => (ErrorCode)message->Error;

    public int Partition => message->Partition;

    public long Offset => message->Offset;

    public bool HasKey => message->Key != 0;

    public ReadOnlySpan<byte> Key => new((void*)message->Key, checked((int)message->KeyBytes));

    /// <summary>
    /// Gets whether its value is null, which differs from empty: in a compacted topic it deletes the key.
    /// </summary>
    public bool IsTombstone => message->Value == 0;

    public ReadOnlySpan<byte> Value => new((void*)message->Value, checked((int)message->ValueBytes));

    /// <summary>Returns the headers in order.</summary>
    public Headers GetHeaders()
    {
        nint headers = 0; // Stays 0 if there are none.
        _ = Librdkafka.HeadersOf(message, &headers);
        return new Headers(headers);
    }

    public void Dispose()
    {
        if (!IsNone)
            Librdkafka.DestroyMessage(message);
    }

    /// <summary>Iterates over headers.</summary>
    public ref struct Headers(nint headers)
    {
        private nuint _next;

        public ReadOnlySpan<byte> Name { get; private set; }

        /// <summary>Gets the value; empty if there is none.</summary>
        public ReadOnlySpan<byte> Value { get; private set; }

        public bool TryNext()
        {
            byte* name;
            byte* value;
            nuint bytes;
            if (headers == 0 || Librdkafka.GetHeader(headers, _next, &name, &value, &bytes) != 0)
                return false;
            _next++;
            Name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
            Value = new ReadOnlySpan<byte>(value, value is null ? 0 : checked((int)bytes));
            return true;
        }
    }
}
