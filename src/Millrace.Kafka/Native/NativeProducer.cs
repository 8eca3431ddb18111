using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>
/// A producer of librdkafka. Its thread reads the delivery reports of records. The owner must not call it during or
/// after its disposal.
/// </summary>
internal sealed unsafe class NativeProducer : IDisposable
{
    private const int Kind = 0;
    private const int PollMilliseconds = 100;

    private readonly ProducerCallbacks _listener;
    private readonly nint _handle;
    private readonly NativeQueue _queue;
    private readonly GCHandle _self;
    private readonly Thread _thread;
    private volatile bool _isEnding;

    // The callbacks of one call of the library, on the polling thread.
    private readonly List<(uint Number, ErrorCode Code)> _reports = [];
    private readonly List<(Error Error, int Reports)> _errors = []; // Each with the number of reports before it.

    /// <exception cref="InvalidOperationException">The library refuses a setting.</exception>
    public NativeProducer(Dictionary<string, string> settings, ProducerCallbacks listener)
    {
        _listener = listener;
        _self = GCHandle.Alloc(this);
        try
        {
            _handle = Make(settings, GCHandle.ToIntPtr(_self));
            _queue = new NativeQueue(Librdkafka.MainQueueOf(_handle));
            _thread = new Thread(Run) { IsBackground = true, Name = "millrace-kafka-publish" };
            _thread.Start();
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Sends the record of a writer.</summary>
    /// <returns>The error if the record was refused; null if it was accepted.</returns>
    public Error? Produce(RecordWriter record, ReadOnlySpan<byte> body, uint number)
    {
        var error = record.Produce(_handle, body, number);
        if (error == 0)
            return null;
        var code = (ErrorCode)Librdkafka.CodeOf(error);
        Librdkafka.DestroyError(error);
        return FindFatal() ?? new Error(code); // After a fatal error, the code does not state its cause.
    }

    /// <summary>Returns the fatal error; null if there is none.</summary>
    public Error? FindFatal() => Librdkafka.FindFatal(_handle);

    /// <summary>Drops pending records without a report. Has no effect after the first call.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isEnding, true))
            return; // Another call has freed the memory, or does so now.
        _queue.Wake();
        _thread.Join();
        Release();
    }

    /// <summary>Releases the memory of the library, when no thread uses it any more.</summary>
    private void Release()
    {
        _queue?.Dispose();
        if (_handle != 0)
            Librdkafka.Destroy(_handle); // Waits for its threads, which may still log.
        _self.Free();
    }

    private static nint Make(Dictionary<string, string> settings, nint self)
    {
        var text = stackalloc byte[Librdkafka.ErrorBytes];
        var conf = Librdkafka.NewConf();
        try
        {
            foreach (var (name, value) in settings)
            {
                if (!TrySet(conf, name, value, text))
                    throw new InvalidOperationException(Librdkafka.TextOf((nint)text));
            }
            Librdkafka.SetOpaque(conf, self);
            Librdkafka.OnReport(conf, &Report);
            Librdkafka.OnError(conf, &Fail);
            Librdkafka.OnLog(conf, &Log);
            var handle = Librdkafka.New(Kind, conf, text, Librdkafka.ErrorBytes);
            if (handle == 0)
                throw new InvalidOperationException(Librdkafka.TextOf((nint)text));
            conf = 0; // The client owns it now.
            return handle;
        }
        finally
        {
            if (conf != 0)
                Librdkafka.DestroyConf(conf);
        }
    }

    private static bool TrySet(nint conf, string name, string value, byte* error)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        fixed (byte* nameBytes = Encoding.UTF8.GetBytes(name + '\0'), valueBytes = Encoding.UTF8.GetBytes(value + '\0'))
            return Librdkafka.Set(conf, nameBytes, valueBytes, error, Librdkafka.ErrorBytes) == 0;
    }

    private void Run()
    {
        while (!_isEnding)
        {
            _ = Librdkafka.Poll(_handle, PollMilliseconds);
            NotifyListener();
            _reports.Clear();
            _errors.Clear();
        }
    }

    /// <summary>
    /// Reports everything in order. Records that were confirmed before an error stay confirmed. Records that are
    /// dropped after an error get this error as their cause.
    /// </summary>
    private void NotifyListener()
    {
        var reports = CollectionsMarshal.AsSpan(_reports);
        var reported = 0;
        foreach (var (error, reportsBefore) in _errors)
        {
            _listener.Reported(reports[reported..reportsBefore]);
            _listener.Failed(error);
            reported = reportsBefore;
        }
        _listener.Reported(reports[reported..]);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Report(nint handle, NativeMessage* report, nint self) =>
        Of(self)._reports.Add((unchecked((uint)report->Number), (ErrorCode)report->Error));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Fail(nint handle, int code, nint reason, nint self)
    {
        var producer = Of(self);
        var fatal = (ErrorCode)code == ErrorCode.Local_Fatal ? producer.FindFatal() : null;
        producer._errors.Add((fatal ?? new Error((ErrorCode)code, Librdkafka.TextOf(reason)), producer._reports.Count));
    }

    /// <summary>Passes on a log message. Any thread calls it, also during creation and disposal.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Log(nint handle, int level, nint facility, nint text)
    {
        try
        {
            if (handle == 0 || Librdkafka.OpaqueOf(handle) is not (var self and not 0))
                return;
            var subject = Librdkafka.TextOf(facility);
            var message = Librdkafka.TextOf(text);
            Of(self)._listener.Logged(new LogMessage(KafkaTransport.Name, (SyslogLevel)level, subject, message));
        }
#pragma warning disable CA1031 // A failure to log must not end the process: the caller is native code.
        catch
#pragma warning restore CA1031
        {
        }
    }

    private static NativeProducer Of(nint self) => (NativeProducer)GCHandle.FromIntPtr(self).Target!;
}
