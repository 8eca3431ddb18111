namespace Servers;

/// <summary>
/// The program that runs all parts of Swift in one process: the proxy with the interface of S3, and the servers of
/// accounts, containers and objects with one disk. Each part is the original of Swift with its original settings.
/// </summary>
internal static class SwiftProgram
{
    public const string Source = """
        import json, os, socket, sys
        import eventlet
        eventlet.monkey_patch()
        from eventlet import wsgi
        from swift.common import utils
        from swift.common.ring import RingBuilder
        from swift.common.wsgi import loadapp

        directory, port, backend, user, key = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(','), *sys.argv[4:6]
        BACKEND = '[DEFAULT]\ndevices = {0}/disks\nmount_check = false\nswift_dir = {0}\n' \
            '[app:main]\nuse = egg:swift#{1}\n'
        PROXY = '[DEFAULT]\nswift_dir = {0}\n' \
            '[pipeline:main]\npipeline = catch_errors gatekeeper listing_formats s3api tempauth proxy-server\n' \
            '[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n' \
            '[filter:s3api]\nuse = egg:swift#s3api\nlocation = us-east-1\n' \
            '[filter:tempauth]\nuse = egg:swift#tempauth\nuser_{1} = {2} .admin\n'
        for filter in 'catch_errors', 'gatekeeper', 'listing_formats':
            PROXY += f'[filter:{filter}]\nuse = egg:swift#{filter}\n'

        class Cache: # Instead of memcached.
            values = {}
            def get(self, key, *args, **named):
                return json.loads(self.values.get(key, 'null'))
            def set(self, key, value, *args, **named):
                self.values[key] = json.dumps(value)
            def delete(self, key, *args, **named):
                self.values.pop(key, None)

        def with_cache(app):
            def run(environ, start):
                environ['swift.cache'] = Cache()
                return app(environ, start)
            return run

        def serve(name, config, at):
            with open(f'{directory}/{name}.conf', 'w') as file:
                file.write(config)
            app = with_cache(loadapp(f'{directory}/{name}.conf', global_conf={'log_name': name}))
            listener = eventlet.listen(('127.0.0.1', at))
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) # As Swift does.
            eventlet.spawn(wsgi.server, listener, app, log_output=False, max_size=256)

        os.makedirs(f'{directory}/disks/disk', exist_ok=True)
        utils.HASH_PATH_SUFFIX = b'millrace'
        for name, at in zip(('account', 'container', 'object'), map(int, backend)):
            ring = RingBuilder(2, 1, 1)
            ring.add_dev(
                {'id': 0, 'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': at, 'device': 'disk', 'weight': 1})
            ring.rebalance()
            ring.get_ring().save(f'{directory}/{name}.ring.gz')
            serve(name, BACKEND.format(directory, name), at)
        serve('proxy', PROXY.format(directory, user.replace(':', '_'), key), port)
        while True:
            eventlet.sleep(3600)
        """;
}
